import type { ClusterEvent, Emit, EventStream } from "../events/mod.ts";
import { removeQuietly } from "../../agent/shell/remove_quietly.ts";
import type { ProvidedNode, ShellOffer, ShellPlace, ShellWithdrawal } from "../kit/mod.ts";
import { makePrivateFolder } from "../ownership/mod.ts";
import { LONGEST_SOCKET_PATH, shellSocket } from "./shell_sockets.ts";

/** A node that is a folder and processes of this machine, on which shells are offered. */
export type PlaceOffer = ShellOffer & { readonly place: ShellPlace };

/** A node whose shells the guardian is to serve, or to serve no more; it gets this as JSON. */
export type ShellChange =
  | { readonly offer: PlaceOffer }
  | { readonly withdraw: ShellWithdrawal };

/** The cluster on whose nodes shells are offered, and its guardian. */
export interface OfferedShellsOptions {
  readonly run: string;
  readonly id: string;
  readonly name: string;
  readonly events: EventStream;
  /** Tells the guardian, which serves the shells on nodes of this machine. */
  readonly tellGuardian: (change: ShellChange) => Promise<void>;
}

/** A node with shells, and the variables that its author has given it. */
interface NodeWithShells {
  /** The name of its backend. */
  readonly backend: string;
  readonly provided: ProvidedNode;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Has shells on the nodes of a cluster served, as long as each of them can be reached: by the guardian, or
 * by the thread that keeps leases, for the thread of the test may stand at a breakpoint.
 */
export class OfferedShells implements Disposable {
  readonly #options: OfferedShellsOptions;
  readonly #nodes = new Map<string, NodeWithShells>();
  readonly #subscription: Disposable;
  #canOffer: Promise<boolean> | undefined;

  constructor(options: OfferedShellsOptions) {
    this.#options = options;
    this.#subscription = options.events.subscribe((event) => this.#take(event));
  }

  /** Offers shells on a node from now on. */
  async add(name: string, node: NodeWithShells): Promise<void> {
    if (!node.provided.shells || !await (this.#canOffer ??= this.#prepare())) return;
    this.#nodes.set(name, node);
    // The test may block its thread in the next moment.
    await this.#offer(name, node);
  }

  /** Removes the socket of the thread that keeps leases: that thread has ended, and may have left it. */
  [Symbol.dispose](): void {
    const { run, id } = this.#options;
    this.#subscription[Symbol.dispose]();
    if (this.#canOffer) removeQuietly(shellSocket(run, id));
  }

  /** Whether shells can be served here. If not, a warning says so, and tests go on. */
  async #prepare(): Promise<boolean> {
    const { run, id, events: { emit } } = this.#options;
    try {
      await makePrivateFolder();
    } catch (error) {
      return warn(emit, `${error}`);
    }
    const path = shellSocket(run, id);
    if (path.length <= LONGEST_SOCKET_PATH) return true;
    return warn(emit, `the path ${path} is too long for a socket`);
  }

  #take(event: ClusterEvent): void {
    switch (event.type) {
      case "node-down":
        return this.#withdraw(event.node, "was killed");
      case "node-lost":
        return this.#withdraw(event.node, `was lost: ${event.reason}`);
      case "node-stopped":
        return this.#withdraw(event.node, `was ${event.how}`);
      case "node-up": {
        const node = this.#nodes.get(event.node);
        if (node) void this.#offer(event.node, node);
      }
    }
  }

  async #offer(name: string, node: NodeWithShells): Promise<void> {
    const { backend, provided: { shells }, env } = node;
    const { run, id, name: cluster, tellGuardian } = this.#options;
    const offer = { cluster: `${cluster}-${id}`, backend, node: name, env };
    if (shells && "rootDir" in shells) {
      await tellGuardian({ offer: { ...offer, path: shellSocket(run), place: shells } });
    } else shells?.offer({ ...offer, path: shellSocket(run, id) });
  }

  #withdraw(name: string, reason: string): void {
    const { id, name: cluster, tellGuardian } = this.#options;
    const node = this.#nodes.get(name);
    if (!node) return;
    const withdrawal = { cluster: `${cluster}-${id}`, node: name, reason };
    const { shells } = node.provided;
    if (shells && "rootDir" in shells) void tellGuardian({ withdraw: withdrawal });
    else shells?.withdraw(withdrawal);
  }
}

function warn(emit: Emit, state: string): false {
  emit({ type: "warning", message: `Cannot offer shells on nodes: ${state}` });
  return false;
}
