import type { CallOptions, Host } from "../../agent/host/host.ts";
import { SharedWork } from "../concurrency/mod.ts";
import type { Partition } from "./abilities.ts";
import type { Sidecar } from "./provided_node.ts";
import { type KernelQuestion, kernelQuestion, type OncePerKernel } from "./kernel_needs.ts";

/** How the one sidecar is known. */
const SIDECAR = "sidecar";

/** What is known of the node of a sidecar. */
export interface NetworkSidecarOptions {
  /** As {@linkcode Partition.controlPort}. */
  readonly controlPort?: number | undefined;
  /** As {@linkcode Partition.obstacle}. @default there is none */
  readonly obstacle?: (() => string | undefined) | undefined;
  /** Asks once for all nodes on the same kernel. @default once for the node */
  readonly oncePerKernel?: OncePerKernel | undefined;
}

/**
 * Changes the network of a node from a sidecar: the node itself needs no privileges for that, and its
 * image no tools. It is launched when it is first asked for, and again if it was lost.
 */
export class NetworkSidecar implements Partition {
  readonly controlPort: number | undefined;
  readonly kernelLacks: KernelQuestion;
  readonly #launch: (signal: AbortSignal) => Promise<Sidecar>;
  readonly #obstacle: () => string | undefined;
  readonly #over = new AbortController();
  #work = new SharedWork();

  /** `launch` gives a sidecar that goes with the node. */
  constructor(
    launch: (signal: AbortSignal) => Promise<Sidecar>,
    { controlPort, obstacle = () => undefined, oncePerKernel }: NetworkSidecarOptions = {},
  ) {
    this.#launch = launch;
    this.#obstacle = obstacle;
    this.controlPort = controlPort;
    this.kernelLacks = kernelQuestion((options) => this.host(options), oncePerKernel);
  }

  /** Why the sidecar cannot be reached at this time, if that is so. */
  get obstacle(): string | undefined {
    return this.#obstacle();
  }

  /** The sidecar's. Aborting leaves the launch to others that wait for it. */
  async host({ signal = this.#over.signal }: CallOptions): Promise<Host> {
    const { host } = await this.#work.once(SIDECAR, () => this.#launchOnce(), signal);
    return host;
  }

  async #launchOnce(): Promise<Sidecar> {
    const sidecar = await this.#launch(this.#over.signal);
    sidecar.lost.then(async () => {
      this.#work = new SharedWork();
      // What cannot be removed now goes with the node.
      await Promise.resolve(sidecar[Symbol.asyncDispose]()).catch(() => {});
    });
    await rehearse(sidecar.host);
    return sidecar;
  }
}

/**
 * An agent takes longest for the first rules that it makes, and faults are made one after the other, where
 * sidecars are launched together. Where rules cannot be made, the fault itself says why.
 */
async function rehearse({ packets }: Host): Promise<void> {
  try {
    await (await packets.count([]))[Symbol.asyncDispose]();
  } catch {
    // Nothing was made.
  }
}
