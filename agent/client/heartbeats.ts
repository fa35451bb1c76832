import type { Identity } from "../identity/identity.ts";
import type { KnownAgent } from "./agent_tls.ts";
import type { ClockReading, HeartbeatCommand, HeartbeatReport } from "./heartbeat_messages.ts";
import type { KeptAgentsOptions } from "./kept_agents.ts";
import type { ShellOffer, ShellWithdrawal } from "../shell/shell_offer.ts";
import type { LeaseSocket } from "./socket_lease_route.ts";

/** How leases are kept. */
export interface HeartbeatsOptions extends KeptAgentsOptions {
  readonly onClock: (reading: ClockReading) => void;
  /** Called with what the thread threw and nobody caught; it goes on. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/** A lease that is kept. Disposing it stops that. */
export interface KeptLease extends Disposable {
  /** Resolves once the thread knows of it: at a socket, the agent can call. Rejects if it cannot be kept. */
  readonly ready: Promise<void>;
}

/** Keeps the leases of agents, from a thread of its own. */
export class Heartbeats implements Disposable {
  readonly #worker: Worker;
  readonly #added = new Map<number, PromiseWithResolvers<void>>();
  #count = 0;

  /** Starts the thread. `runner` is who agents accept. */
  constructor(runner: Identity, { onClock, onFailure, ...options }: HeartbeatsOptions) {
    const url = new URL("./heartbeat_worker.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module", name: "clustertest heartbeats" });
    this.#worker.onmessage = ({ data }: MessageEvent<HeartbeatReport>) => {
      if (data.type === "clock") onClock(data);
      else if (data.type === "failure") onFailure?.(data.message);
      else this.#settle(data);
    };
    const { certificate, privateKey } = runner;
    const { interval, timeout } = options;
    const begin = { options: { interval, timeout }, runner: { certificate, privateKey } };
    this.#tell({ type: "begin", ...begin });
  }

  /** Sends heartbeats to an agent, or where it calls, until the result is disposed. */
  keep(node: string | undefined, agent: KnownAgent | LeaseSocket): KeptLease {
    const id = this.#count++;
    const added = Promise.withResolvers<void>();
    // Not everybody waits for it.
    added.promise.catch(() => {});
    this.#added.set(id, added);
    this.#tell({ type: "add", id, node, agent });
    return {
      ready: added.promise,
      [Symbol.dispose]: () => this.#tell({ type: "remove", id }),
    };
  }

  /** Has the thread serve shells on a node whose lease it keeps. */
  offerShells(offer: ShellOffer): void {
    this.#tell({ type: "offer", offer });
  }

  /** Has the thread end those on a node. */
  withdrawShells(withdrawal: ShellWithdrawal): void {
    this.#tell({ type: "withdraw", withdrawal });
  }

  /** Sends no more. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
    const error = new Deno.errors.Interrupted("Cannot keep a lease: heartbeats have ended");
    for (const { reject } of this.#added.values()) reject(error);
    this.#added.clear();
  }

  #settle(report: Extract<HeartbeatReport, { type: "added" | "refused" }>): void {
    const added = this.#added.get(report.id);
    this.#added.delete(report.id);
    if (report.type === "added") added?.resolve();
    else added?.reject(new Error(report.message));
  }

  #tell(command: HeartbeatCommand): void {
    this.#worker.postMessage(command);
  }
}
