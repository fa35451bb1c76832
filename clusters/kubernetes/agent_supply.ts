import pLimit from "p-limit";
import type { AgentPack, LinuxTarget } from "../../agent/build/agent_pack.ts";
import { type CompressedArchive, compressedArchive } from "../../agent/build/compressed_archive.ts";
import { obtainAgent } from "../../agent/build/obtain_agent.ts";
import { packSum } from "../../agent/build/pack_sum.ts";
import { SharedWork, unlessAborted } from "../concurrency/mod.ts";
import { reportBuild } from "../events/mod.ts";
import type { ClusterContext } from "../kit/mod.ts";
import type { KubeApi } from "./api/mod.ts";
import { receiveScript } from "./helper_scripts.ts";
import { HELPER_CONTAINER, SEED_PORT } from "./pod_places.ts";
import type { Supply } from "./pod_manifest.ts";
import { sendDirectly } from "./send_directly.ts";
import { brokenOff, checkTaken, UnknownDelivery } from "./take_agent.ts";

/** The agent that runs on a machine's architecture. */
const TARGETS = {
  "linux/amd64": "x86_64-unknown-linux-gnu",
  "linux/arm64": "aarch64-unknown-linux-gnu",
} as const satisfies Record<string, LinuxTarget>;

/** Agents that the runner sends at a time, where pods cannot reach each other. */
const MAX_SENDING = 2;

/** The pod that is to get the agent from here. */
export interface Delivery {
  readonly pod: string;
  /** Whether it hands the agent on. */
  readonly isSeed: boolean;
  /** Its address, if its helper listens there. */
  readonly address: string | undefined;
  readonly signal: AbortSignal;
}

/** The pod that hands on the agent. */
interface Seed {
  readonly pod: string;
  /** Its address, once it has one; rejects if it gets none. */
  readonly address: PromiseWithResolvers<string>;
}

/**
 * Brings the agent into pods: from the runner into one, at its address or through the API server, and from
 * there into the others. So the runner sends it once for a cluster, however many nodes that has; and once
 * more when the node is gone whose pod has handed it on.
 */
export class AgentSupply {
  readonly #api: KubeApi;
  readonly #cluster: Pick<ClusterContext, "emit" | "signal">;
  readonly #work = new SharedWork();
  readonly #seeds = new Map<LinuxTarget, Seed>();
  /** Targets whose agent was sent to a pod. */
  readonly #sent = new Set<LinuxTarget>();
  readonly #sending = pLimit(MAX_SENDING);
  /** Whether pods do not reach each other. */
  #isCut = false;

  /** Nothing is done until it is asked for. */
  constructor(api: KubeApi, cluster: Pick<ClusterContext, "emit" | "signal">) {
    this.#api = api;
    this.#cluster = cluster;
  }

  /** The agent for machines of a platform, built if need be. Aborting leaves that to others that wait. */
  async pack(platform: keyof typeof TARGETS, signal: AbortSignal): Promise<AgentPack> {
    const target = TARGETS[platform];
    const { emit, signal: end } = this.#cluster;
    return await this.#work.once(
      target,
      () => reportBuild(emit, (onProgress) => obtainAgent(target, { signal: end, onProgress })),
      signal,
    );
  }

  /**
   * How the agent is to get into a pod. A node that is made alone gets it from here; of several, the first
   * one's pod hands it on.
   */
  async plan(
    pack: AgentPack,
    { pod, isAlone, signal }: {
      readonly pod: string;
      readonly isAlone: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<Supply> {
    if (this.#isCut) return { by: "runner", isSeed: false };
    const target = pack.target as LinuxTarget;
    const seed = this.#seeds.get(target);
    if (seed !== undefined) {
      const sha256 = await packSum(pack);
      const address = await unlessAborted(seed.address.promise, signal);
      return { by: "pod", seed: `${address} ${SEED_PORT}`, sha256 };
    }
    const isSeed = !isAlone || this.#sent.has(target);
    this.#sent.add(target);
    if (isSeed) {
      const address = Promise.withResolvers<string>();
      // Perhaps nobody waits for it.
      address.promise.catch(() => {});
      this.#seeds.set(target, { pod, address });
    }
    return { by: "runner", isSeed };
  }

  /** The pod that is to hand on the agent has this address: others may begin to ask there. */
  announce(pod: string, address: string): void {
    for (const seed of this.#seeds.values()) {
      if (seed.pod === pod) seed.address.resolve(address);
    }
  }

  /** The pod is gone, or was never there: another one has to hand on the agent. */
  forget(pod: string, reason: unknown): void {
    for (const [target, seed] of this.#seeds) {
      if (seed.pod !== pod) continue;
      this.#seeds.delete(target);
      seed.address.reject(reason);
    }
  }

  /** A pod did not reach the one that hands on the agent: from now on, each gets it from here. */
  giveUpSeeds(reason: string): void {
    if (this.#isCut) return;
    this.#isCut = true;
    const message =
      "Pods do not get the agent from each other, so that each gets it from the runner, " +
      `${MAX_SENDING} at a time: ${reason}`;
    this.#cluster.emit({ type: "warning", message });
  }

  /**
   * Sends the agent into a pod whose helper waits for it: to `address`, if it listens there and that can be
   * reached, or else by the API server.
   *
   * @throws {UnknownDelivery} if it broke off after it had begun.
   */
  async send(pack: AgentPack, cargo: Delivery): Promise<void> {
    await this.#sending(async () => {
      const { address, signal } = cargo;
      signal.throwIfAborted();
      const direct = address === undefined
        ? "unreached"
        : await sendDirectly(pack, { address, signal });
      if (direct === "taken") return;
      await this.#exec(pack, cargo).catch((error) => {
        signal.throwIfAborted();
        if (direct === "unreached") throw error;
        // It may have got it before, and have ended upon that.
        throw new UnknownDelivery((error as Error).message, { cause: error });
      });
    });
  }

  /** Through the API server. */
  async #exec(pack: AgentPack, { pod, isSeed, signal }: Delivery): Promise<void> {
    const { size, open } = await this.#archive(pack, signal);
    const stream = await open();
    const result = await this.#api.exec({
      pod,
      container: HELPER_CONTAINER,
      command: ["sh", "-c", receiveScript({ size, isSeed })],
      stdin: { stream, length: size },
      signal,
    }).catch(async (error) => {
      // It is not read from unless the command began.
      if (!stream.locked) await stream.cancel();
      return brokenOff(error);
    });
    checkTaken(result);
  }

  /** Waits until no work is in flight any more. Idempotent. */
  async settled(): Promise<void> {
    await this.#work.settled();
  }

  async #archive(pack: AgentPack, signal: AbortSignal): Promise<CompressedArchive> {
    const { emit, signal: end } = this.#cluster;
    return await this.#work.once(
      `archive ${pack.version}`,
      () => reportBuild(emit, (onProgress) => compressedArchive(pack, { signal: end, onProgress })),
      signal,
    );
  }
}
