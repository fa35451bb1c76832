import type { AgentRoute, ModuleRoute } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import type { Emit } from "../events/mod.ts";
import type { KubeApi } from "./api/mod.ts";
import { callPod } from "./call_pod.ts";
import { AGENT_PORT } from "./pod_places.ts";

/** Milliseconds in which something answers at the address of a pod, if that can be reached from here. */
const ANSWER_DEADLINE = 1000;

/** Milliseconds that an agent has to listen, where its pod's address can be reached. */
const LISTEN_DEADLINE = 10_000;

/** Where a pod is. */
interface PodPlace {
  readonly pod: string;
  readonly address: string;
  /** Resolves once its container runs, which its machine tells up to a second later. @default it does */
  readonly running?: Promise<unknown> | undefined;
}

/** How agents are reached: at the addresses of their pods, or through the API server. */
export type ReachedBy = "address" | "forward";

/**
 * The ways to the agents of a cluster. Where the address of the first pod answers, all are reached at
 * theirs, as by a runner in the cluster itself; elsewhere by the port-forwards of the API server.
 */
export class AgentRoutes {
  readonly #api: KubeApi;
  readonly #emit: Emit;
  #by: ReachedBy | undefined;

  /** `by` is found out if it is not said. */
  constructor(api: KubeApi, { by, emit }: {
    readonly by: ReachedBy | undefined;
    readonly emit: Emit;
  }) {
    this.#api = api;
    this.#emit = emit;
    this.#by = by;
  }

  /** Whether the addresses of pods may answer, as far as is known. */
  get mayBeDirect(): boolean {
    return this.#by !== "forward";
  }

  /**
   * The way to the agent of a pod whose container runs, or is about to. Until the first one is found each
   * pod is tried for itself: another one may come later, or never run.
   */
  async to(place: PodPlace, signal: AbortSignal): Promise<AgentRoute | ModuleRoute> {
    signal.throwIfAborted();
    if (this.#by === undefined) this.#found(await answers(place, signal) ? "address" : "forward");
    if (this.#by === "address") return { hostname: place.address, port: AGENT_PORT };
    // That nothing listens yet is cheap to see at an address, but not through the API server.
    await place.running;
    return this.#api.forward({ pod: place.pod, port: AGENT_PORT });
  }

  /** What was found first is for all. */
  #found(by: ReachedBy): void {
    if (this.#by !== undefined) return;
    this.#by = by;
    const how = by === "address"
      ? "at the addresses of pods"
      : "by port-forwards of the API server";
    this.#emit({ type: "control-route", by: "tls", reason: `agents are reached ${how}` });
  }
}

/** Whether an agent comes to listen at the address, soon after its container runs. */
async function answers({ address, running }: PodPlace, signal: AbortSignal): Promise<boolean> {
  const port = { hostname: address, port: AGENT_PORT };
  const runs = new AbortController();
  Promise.resolve(running).finally(() => runs.abort()).catch(() => {});
  using before = new Deadline(Infinity, [signal, runs.signal]);
  const early = await callPod(port, { answer: ANSWER_DEADLINE, signal: before.signal });
  early?.close();
  signal.throwIfAborted();
  if (early || !runs.signal.aborted) return early !== undefined;
  using listen = new Deadline(LISTEN_DEADLINE, [signal]);
  const connection = await callPod(port, { answer: ANSWER_DEADLINE, signal: listen.signal });
  connection?.close();
  signal.throwIfAborted();
  return connection !== undefined;
}
