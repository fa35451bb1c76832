import { Deadline } from "../../agent/deadline.ts";
import { messageOf } from "../../agent/host/described_error.ts";
import { logDetails } from "../kit/mod.ts";
import { ApiError } from "./api/mod.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import type { ObjectEvent } from "./pod.ts";
import { readLog } from "./pod_log.ts";
import { HELPER_CONTAINER, NODE_CONTAINER } from "./pod_places.ts";
import { statusOf } from "./pod_state.ts";

/** Milliseconds in which what is known of a pod is had. */
const LOOK_DEADLINE = 3000;

/** Events that an error quotes. */
const MAX_EVENTS = 5;

/** Warnings that clusters without names give of every pod, or that only repeat the one before. */
const HARMLESS: readonly string[] = ["MissingClusterDNS", "DNSConfigForming", "BackOff"];

/** The error for a node that was not launched, with all that is known of its pod. */
export async function launchFailure(
  context: LaunchContext,
  plan: NodePlan,
  error: unknown,
): Promise<Error> {
  const { name, options } = plan;
  // What the server has refused has no pod.
  const lines = error instanceof ApiError ? [] : await lookAt(context, plan, error);
  const message = `Cannot start node "${name}" from the image "${options.image}": ` +
    [messageOf(error), ...lines].join("\n  ");
  return new Error(message, { cause: error });
}

async function lookAt(
  { api, watch }: LaunchContext,
  { podName: pod }: NodePlan,
  error: unknown,
): Promise<string[]> {
  using deadline = new Deadline(LOOK_DEADLINE);
  const { signal } = deadline;
  const fieldSelector = `involvedObject.name=${pod}`;
  const view = watch.look(pod);
  const began = [HELPER_CONTAINER, NODE_CONTAINER].filter((container) => {
    const { running, terminated } = statusOf(view, container)?.state ?? {};
    return running !== undefined || terminated !== undefined;
  });
  const [events, ...logs] = await Promise.all([
    api.list<ObjectEvent>("events", { fieldSelector, signal }).catch(() => ({ items: [] })),
    ...began.map((container) => readLog(api, { pod, container, signal })),
  ]);
  const known = messageOf(error);
  return [
    ...warningsOf(events.items).filter(({ said }) => !known.includes(said))
      .map(({ said, reason }) => `the cluster says: ${said} (${reason})`),
    ...logDetails(logs.flat()),
  ];
}

/** What the cluster warns of: volumes that cannot be mounted, say, are nowhere else. */
function warningsOf(events: readonly ObjectEvent[]): { said: string; reason: string }[] {
  const warnings = events
    .filter(({ type, reason = "" }) => type === "Warning" && !HARMLESS.includes(reason))
    .map(({ reason = "", message = "" }) => ({ said: message.trim(), reason }));
  return warnings.slice(-MAX_EVENTS);
}
