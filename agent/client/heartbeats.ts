import type { Identity } from "../identity/identity.ts";
import type { KnownAgent } from "./agent_tls.ts";
import type { ClockReading, HeartbeatCommand, HeartbeatReport } from "./heartbeat_messages.ts";
import type { KeptAgentsOptions } from "./kept_agents.ts";
import type { ShellOffer, ShellWithdrawal } from "../shell/shell_offer.ts";
import type { RoutedAgent } from "./module_lease_route.ts";
import type { ModuleRenewal } from "./module_renewal.ts";
import type { LeaseSocket } from "./socket_lease_route.ts";
import type { TunnelledAgent } from "./tunnel_lease_route.ts";
import { StandingCommands } from "./standing_commands.ts";

/** How leases are kept. */
export interface HeartbeatsOptions extends KeptAgentsOptions {
  readonly onClock: (reading: ClockReading) => void;
  /**
   * Called with what the thread threw and nobody caught, and when another one takes its place; and with why
   * a renewal has failed, and what was to be renewed.
   */
  readonly onFailure?: ((message: string, renewed?: string) => void) | undefined;
  /** Module of the thread: for tests of what becomes of one that ends. @default the one beside this */
  readonly thread?: URL | undefined;
}

/** A lease that is kept. Disposing it stops that. */
export interface KeptLease extends Disposable {
  /** Resolves once the thread knows of it: at a socket, the agent can call. Rejects if it cannot be kept. */
  readonly ready: Promise<void>;
}

/** How many threads of a cluster may end: after that, the next one would end as well. */
const MAX_ENDED = 10;

/**
 * Keeps the leases of agents, from a thread of its own. Should the thread end, as by a fault of the
 * runtime's, another one takes its place: neither the leases nor the test end with it.
 */
export class Heartbeats implements Disposable {
  readonly #options: HeartbeatsOptions;
  readonly #standing = new StandingCommands();
  readonly #added = new Map<number, PromiseWithResolvers<void>>();
  #worker: Worker;
  #ended = 0;
  #count = 0;

  /** Starts the thread. `runner` is who agents accept. */
  constructor(runner: Identity, options: HeartbeatsOptions) {
    this.#options = options;
    this.#worker = this.#start();
    const { certificate, privateKey } = runner;
    const { interval, timeout } = options;
    const begin = { options: { interval, timeout }, runner: { certificate, privateKey } };
    this.#tell({ type: "begin", ...begin });
  }

  /** Sends heartbeats to an agent, or where it calls, until the result is disposed. */
  keep(
    node: string | undefined,
    agent: KnownAgent | TunnelledAgent | RoutedAgent | LeaseSocket,
  ): KeptLease {
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

  /** Renews something by a module, until the result is disposed. Failures are told to `onFailure`. */
  renew(renewal: ModuleRenewal): Disposable {
    const id = this.#count++;
    this.#tell({ type: "renew", id, renewal });
    return { [Symbol.dispose]: () => this.#tell({ type: "remove", id }) };
  }

  /** Has the thread serve shells on a node whose lease it keeps. */
  offerShells(offer: ShellOffer): void {
    this.#tell({ type: "offer", offer });
  }

  /** Has the thread end those on a node. */
  withdrawShells(withdrawal: ShellWithdrawal): void {
    this.#tell({ type: "withdraw", withdrawal });
  }

  /** Stops the heartbeats. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
    this.#giveUp("heartbeats have ended");
  }

  #start(): Worker {
    const { thread = new URL("./heartbeat_worker.ts", import.meta.url) } = this.#options;
    const worker = new Worker(thread, { type: "module", name: "clustertest heartbeats" });
    worker.onmessage = ({ data }: MessageEvent<HeartbeatReport>) => this.#take(data);
    worker.onerror = (event) => {
      // Unprevented, it would end the test.
      event.preventDefault();
      if (worker === this.#worker) this.#replace(event.message);
    };
    return worker;
  }

  #take(report: HeartbeatReport): void {
    if (report.type === "clock") this.#options.onClock(report);
    else if (report.type === "failure") this.#fail(report.message, report.renewed);
    else this.#settle(report);
  }

  /** Another thread keeps what the one that has ended kept. */
  #replace(message: string): void {
    this.#worker.terminate();
    const isLast = ++this.#ended > MAX_ENDED;
    const next = isLast ? "and none takes its place: all nodes will be lost" : "another one begins";
    this.#fail(`the thread of heartbeats has ended, ${next}: ${message}`);
    if (isLast) return this.#giveUp("the thread that sends heartbeats ends");
    // A thread that has ended leaves its sockets.
    for (const path of this.#standing.sockets) removeSocket(path);
    this.#worker = this.#start();
    for (const command of this.#standing) this.#worker.postMessage(command);
  }

  #settle(report: Extract<HeartbeatReport, { type: "added" | "refused" }>): void {
    const added = this.#added.get(report.id);
    this.#added.delete(report.id);
    if (report.type === "added") return added?.resolve();
    // Nobody waits for a lease that is kept anew.
    if (!added) return this.#fail(report.message);
    added.reject(new Error(report.message));
  }

  #giveUp(why: string): void {
    const error = new Deno.errors.Interrupted(`Cannot keep a lease: ${why}`);
    for (const { reject } of this.#added.values()) reject(error);
    this.#added.clear();
  }

  #fail(message: string, renewed?: string): void {
    this.#options.onFailure?.(message, renewed);
  }

  #tell(command: HeartbeatCommand): void {
    this.#standing.note(command);
    this.#worker.postMessage(command);
  }
}

function removeSocket(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
