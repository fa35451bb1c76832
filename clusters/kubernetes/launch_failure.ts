import { Deadline } from "../../agent/deadline.ts";
import { messageOf } from "../../agent/host/described_error.ts";
import { logDetails } from "../kit/mod.ts";
import { ApiError } from "./api/mod.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { refusedSidecar } from "./missing_faults.ts";
import { readLog } from "./pod_log.ts";
import { COPY_CONTAINER, HELPER_CONTAINER, NODE_CONTAINER } from "./pod_places.ts";
import { asksForNoCpu, statusOf } from "./pod_state.ts";
import { readWarnings, warningLines } from "./pod_warnings.ts";

/** Milliseconds in which what is known of a pod is had. */
const LOOK_DEADLINE = 10_000;

/** The agent of a node was not reached in time. */
export class LateAgent extends Error {}

/** The error for a node that was not launched, with all that is known of its pod. */
export async function launchFailure(
  context: LaunchContext,
  plan: NodePlan,
  error: unknown,
): Promise<Error> {
  const { name, options } = plan;
  const refused = refusedSidecar(error, plan, context.sidecarNeeds);
  if (refused !== undefined) return refused;
  // What the server has refused has no pod.
  const lines = error instanceof ApiError ? [] : await lookAt(context, plan, error);
  if (error instanceof LateAgent && lines.length === 0) lines.push(...starved(context, plan));
  const said = messageOf(error);
  const message = `Cannot start node "${name}" from the image "${options.image}": ` +
    [said, ...helperHint(said, plan), ...lines].join("\n  ");
  return new Error(message, { cause: error });
}

/** Where the image of a helper comes from that cannot start: the node's own has no part in it. */
function helperHint(said: string, { options: { helperImage } }: NodePlan): string[] {
  if (!said.startsWith(`its container "${HELPER_CONTAINER}" cannot start`)) return [];
  return [
    `the image of that container is "${helperImage}", which the option helperImage says, or ` +
    "CLUSTERTEST_KUBERNETES_HELPER_IMAGE",
  ];
}

/** The remedy for a node that may have been too slow, of which nothing else is known. */
function starved({ watch }: LaunchContext, { podName }: NodePlan): string[] {
  if (!asksForNoCpu(watch.look(podName))) return [];
  return [
    "its pod asks for no CPU, and so gets what others leave of its machine: where that is busy, say " +
    "kubernetes({ requests: { cpus: 0.1 } })",
  ];
}

async function lookAt(
  { api, watch }: LaunchContext,
  { podName: pod }: NodePlan,
  error: unknown,
): Promise<string[]> {
  using deadline = new Deadline(LOOK_DEADLINE);
  const { signal } = deadline;
  const began = [HELPER_CONTAINER, COPY_CONTAINER, NODE_CONTAINER].filter((container) => {
    const { running, terminated } = statusOf(watch.look(pod), container)?.state ?? {};
    return running !== undefined || terminated !== undefined;
  });
  const [warnings, ...logs] = await Promise.all([
    readWarnings(api, pod, signal),
    ...began.map((container) => readLog(api, { pod, container, signal })),
  ]);
  const said = messageOf(error);
  const known = ofHelper(said) ? warnings.filter(({ said }) => !OF_NODE.test(said)) : warnings;
  return [...warningLines(known, said), ...logDetails(logs.flat())];
}

/** What the cluster says of a container of a node: of one without an agent it says nothing that matters. */
const OF_NODE = new RegExp(`container "${NODE_CONTAINER}"`);

/** Whether an error is about the container that is to bring the agent. */
function ofHelper(said: string): boolean {
  return said.startsWith(`its container "${HELPER_CONTAINER}"`);
}
