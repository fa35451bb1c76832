import type { FleetAgent, Launch } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { messageOf } from "../../agent/host/described_error.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { logDetails, type Sidecar } from "../kit/mod.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { readLog } from "./pod_log.ts";
import { SIDECAR_CONTAINER, SIDECAR_PORT } from "./pod_places.ts";
import { runs, sidecarEnd } from "./pod_state.ts";
import type { PodWatch } from "./pod_watch.ts";

/** Milliseconds in which a sidecar has to be there, once its node is. */
const START_TIMEOUT = 60_000;

/** Milliseconds in which the last lines of its agent are had. */
const LOOK_DEADLINE = 1500;

/** Whose sidecar it is. */
export interface SidecarPlace {
  readonly context: Pick<LaunchContext, "api" | "watch">;
  readonly plan: Pick<NodePlan, "name" | "podName">;
  /** What the agent in it was launched with: it is over once that is enrolled. */
  readonly launch: Launch;
  /** The node's own, which leads to it. */
  readonly agent: FleetAgent;
}

/**
 * What reaches the agent in the container beside that of a node, which was made with the pod: by the pod's
 * loopback, through the agent of the node, so that nothing listens at the pod's address for it. When that
 * container has ended, which nobody starts again, what is returned rejects, and says so.
 */
export function sidecarLauncher(place: SidecarPlace): (signal: AbortSignal) => Promise<Sidecar> {
  let wasReached = false;
  return async (signal) => {
    try {
      using deadline = new Deadline(START_TIMEOUT, [signal], tooLate);
      if (wasReached) return await ended(place, deadline.signal);
      const agent = await reach(place, deadline.signal);
      wasReached = true;
      return sidecarOf(agent, place);
    } catch (error) {
      signal.throwIfAborted();
      throw await explained(error, place);
    }
  };
}

function tooLate(): Error {
  return new Error(`its agent was not reached within ${START_TIMEOUT / 1000} s`);
}

/** Rejects with how the container has ended: its agent is known to be gone. */
async function ended(
  { context: { watch }, plan }: SidecarPlace,
  signal: AbortSignal,
): Promise<never> {
  throw new Error(await watch.until(plan.podName, sidecarEnd, signal));
}

async function reach(
  { context: { watch }, plan: { name, podName }, launch, agent }: SidecarPlace,
  signal: AbortSignal,
): Promise<FleetAgent> {
  await watch.until(podName, (pod) => {
    const end = sidecarEnd(pod);
    if (end !== undefined) throw new Error(end);
    return runs(pod, SIDECAR_CONTAINER) || undefined;
  }, signal);
  using over = new SidecarEnd(watch, podName);
  using until = new Deadline(Infinity, [signal, over.signal]);
  const route = { hostname: "127.0.0.1", port: SIDECAR_PORT };
  const reached = await launch.connect(route, { through: { name, agent }, signal: until.signal });
  launch[Symbol.dispose]();
  return reached;
}

/** The container goes with its pod, and its agent soon after that of the node. */
function sidecarOf(
  agent: FleetAgent,
  { context: { watch }, plan: { podName } }: SidecarPlace,
): Sidecar {
  const end = new SidecarEnd(watch, podName);
  end.signal.addEventListener("abort", () => agent.abandon(end.signal.reason.message));
  const removal = new UntilDone(async () => {
    end[Symbol.dispose]();
    agent.abandon("it was removed");
    await agent[Symbol.asyncDispose]();
  });
  return {
    host: agent.host,
    lost: agent.lost,
    [Symbol.asyncDispose]: () => removal.run(),
  };
}

/** Aborts when a sidecar has ended, until it is disposed. */
class SidecarEnd implements Disposable {
  readonly #over = new AbortController();
  readonly #watching = new AbortController();

  constructor(watch: PodWatch, pod: string) {
    watch.until(pod, sidecarEnd, this.#watching.signal)
      .then((end) => this.#over.abort(new Error(end)), () => {});
  }

  /** Its reason says how. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  [Symbol.dispose](): void {
    this.#watching.abort();
  }
}

async function explained(
  error: unknown,
  { context: { api }, plan: { name, podName: pod } }: SidecarPlace,
): Promise<Error> {
  using deadline = new Deadline(LOOK_DEADLINE);
  const log = await readLog(api, { pod, container: SIDECAR_CONTAINER, signal: deadline.signal });
  const message = `Cannot launch a sidecar of node "${name}": ` +
    [messageOf(error), ...logDetails(log)].join("\n  ");
  return new Error(message, { cause: error });
}
