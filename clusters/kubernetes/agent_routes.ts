import type { AgentRoute, ModuleRoute } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import type { Emit } from "../events/mod.ts";
import type { KubeApi } from "./api/mod.ts";
import { AGENT_PORT } from "./pod_places.ts";

/** Milliseconds in which something answers at the address of a pod, if that can be reached from here. */
const ANSWER_DEADLINE = 1000;

/** Milliseconds that an agent has to listen, where its pod's address can be reached. */
const LISTEN_DEADLINE = 10_000;

/** Milliseconds between two attempts. */
const PAUSE = 25;

/** Where a pod is. */
interface PodPlace {
  readonly pod: string;
  readonly address: string;
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
  #by: Promise<ReachedBy> | undefined;

  /** `by` is found out if it is not said. */
  constructor(api: KubeApi, { by, emit }: {
    readonly by: ReachedBy | undefined;
    readonly emit: Emit;
  }) {
    this.#api = api;
    this.#emit = emit;
    this.#by = by && Promise.resolve(by);
  }

  /** The way to the agent of a pod whose container runs. */
  async to(place: PodPlace, signal: AbortSignal): Promise<AgentRoute | ModuleRoute> {
    this.#by ??= this.#find(place, signal).catch((error) => {
      this.#by = undefined;
      throw error;
    });
    if (await this.#by === "address") return { hostname: place.address, port: AGENT_PORT };
    return this.#api.forward({ pod: place.pod, port: AGENT_PORT });
  }

  async #find({ address }: PodPlace, signal: AbortSignal): Promise<ReachedBy> {
    const by = await answers(address, signal) ? "address" : "forward";
    const how = by === "address"
      ? "at the addresses of pods"
      : "by port-forwards of the API server";
    this.#emit({ type: "control-route", by: "tls", reason: `agents are reached ${how}` });
    return by;
  }
}

/** Whether an agent comes to listen at the address. */
async function answers(hostname: string, signal: AbortSignal): Promise<boolean> {
  using listen = new Deadline(LISTEN_DEADLINE, [signal]);
  while (!listen.isOver) {
    const answer = await knock(hostname, listen.signal);
    signal.throwIfAborted();
    if (answer !== "refused") return answer === "accepted";
    await delay(PAUSE, listen.signal).catch(() => {});
    signal.throwIfAborted();
  }
  return false;
}

async function knock(
  hostname: string,
  signal: AbortSignal,
): Promise<"accepted" | "refused" | "silent"> {
  using answer = new Deadline(ANSWER_DEADLINE, [signal]);
  try {
    const connection = await Deno.connect({ hostname, port: AGENT_PORT, signal: answer.signal });
    connection.close();
    return "accepted";
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused ? "refused" : "silent";
  }
}
