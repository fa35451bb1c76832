import { HostLostError } from "../../agent/client/host_lost_error.ts";
import { messageOf } from "../../agent/host/described_error.ts";
import type { HostConnection, HostListener, ListenTarget } from "../../agent/host/host.ts";
import { AuthorCall, type Lifeline, type Member, type NodeContext } from "../calls/mod.ts";
import { listenOn, Relay } from "../network/mod.ts";
import { DelayLine } from "./delay_line.ts";
import { LatePiece } from "./late_piece.ts";
import type { LinkGate } from "./link_gate.ts";

/** Connections that wait at a cut at a time: more are reset. */
const MAX_WAITING = 256;

/** What is relayed, from where to where. */
export interface RelayedPortOptions {
  readonly from: NodeContext;
  readonly to: NodeContext;
  /** The port of the service. */
  readonly port: number;
  /** The port that gates take it for. @default that of the service */
  readonly countsAs?: number | undefined;
  /** The addresses that the other node may have on this one, best first. */
  readonly hostnames: readonly string[];
  /** What passes each way. */
  readonly gates: { readonly there: LinkGate; readonly back: LinkGate };
  /** The member that errors name. */
  readonly member: Member;
}

/**
 * A port of one node that leads to a service of another one, through the runner. The port is there again
 * after the node was killed and started; when either of them goes down, all connections are reset.
 */
export class RelayedPort implements AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  readonly #options: RelayedPortOptions;
  readonly #relay: Relay;
  readonly #following: readonly Disposable[];
  #listener: HostListener;
  /** The uptime of the node in which the listener was opened. */
  #life: Lifeline;
  #serving: Promise<void>;
  #waiting = 0;
  #disposal: Promise<void> | undefined;

  private constructor(options: RelayedPortOptions, listener: HostListener) {
    const { from, to, port, countsAs = port } = options;
    this.#options = options;
    this.#listener = listener;
    ({ hostname: this.hostname, port: this.port } = listener.addr as Deno.NetAddr);
    this.#relay = new Relay({
      context: from,
      target: `${to.name}:${port}`,
      dial: (signal) => this.#dial(signal),
      before: (way, signal) => options.gates[way].passage(countsAs, signal),
      through: (way, arriving, signal) =>
        new DelayLine(arriving, { gate: options.gates[way], port: countsAs, signal }).readable,
    });
    this.#life = from.life;
    this.#serving = this.#serve();
    const down = (name: string) => this.#relay.reset(`node "${name}" is down`);
    const gone = () => this[Symbol.asyncDispose]();
    this.#following = [
      from.nodeLife.follow({ down: () => down(from.name), up: () => this.#reopen(), gone }),
      to.nodeLife.follow({ down: () => down(to.name), gone }),
    ];
  }

  /** Opens the port: the same as that of the service, at the address, if that can be had. */
  static async open(options: RelayedPortOptions, signal: AbortSignal): Promise<RelayedPort> {
    const { from, hostnames, port } = options;
    // The node may have something at that port already, or no such addresses, as on macOS.
    const places: readonly ListenTarget[] = [
      ...hostnames.map((hostname) => ({ transport: "tcp", hostname, port } as const)),
      ...hostnames.map((hostname) => ({ transport: "tcp", hostname, port: 0 } as const)),
      { transport: "tcp", reach: "host", port },
      { transport: "tcp", reach: "host", port: 0 },
    ];
    for (const [i, place] of places.entries()) {
      try {
        return new RelayedPort(options, await listenOn(from, place, signal));
      } catch (error) {
        if (i === places.length - 1 || !isTaken(error)) throw error;
      }
    }
    throw new Error("unreachable");
  }

  /** Closes the port, and resets every connection that came through it. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal ??= this.#dispose();
  }

  async #dispose(): Promise<void> {
    for (const following of this.#following) following[Symbol.dispose]();
    this.#relay.close("the link was closed");
    try {
      await this.#closeListener();
    } finally {
      await this.#relay.settled();
    }
  }

  /** One that is gone with its node is closed. */
  async #closeListener(): Promise<void> {
    try {
      await this.#listener[Symbol.asyncDispose]();
    } catch (error) {
      if (!this.#life.signal.aborted && !(error instanceof HostLostError)) throw error;
    }
    await this.#serving;
  }

  /** Opens the port anew, once the node is up again: the kill has closed it. */
  async #reopen(): Promise<void> {
    const { from, to } = this.#options;
    const { life, emit } = from;
    const { signal } = this.#relay;
    const target = { transport: "tcp", hostname: this.hostname, port: this.port } as const;
    try {
      await this.#closeListener();
      this.#listener = await listenOn(from, target, AbortSignal.any([life.signal, signal]));
      this.#life = life;
      this.#serving = this.#serve();
      if (signal.aborted) await this.#closeListener();
    } catch (error) {
      if (life.signal.aborted || signal.aborted) return;
      const message =
        `Cannot open the link from "${from.name}" to "${to.name}" anew, at ${this.hostname}:${this.port}: ` +
        messageOf(error);
      emit({ type: "warning", message });
    }
  }

  /** What ends the listener closes the port, until the node is up again. */
  async #serve(): Promise<void> {
    await this.#relay.serve(this.#listener).catch(() => {});
  }

  /** A connection needs both ways: at a cut it waits, as packets do that are sent again. */
  async #dial(signal: AbortSignal): Promise<HostConnection> {
    const { to, port, countsAs = port, gates, member } = this.#options;
    for (const gate of [gates.there, gates.back]) {
      const passage = gate.passage(countsAs, signal);
      if (passage) await this.#wait(passage);
    }
    await new LatePiece(gates.there.shapesOf(countsAs), gates.there.nextPiece()).passed(signal);
    const call = new AuthorCall(member, {
      on: "cluster",
      name: `link() to ${to.name}:${port}`,
      signal,
    });
    return await to.life.during(
      call,
      (signal) => to.host().network.dial({ transport: "tcp", port }, { signal }),
    );
  }

  async #wait(passage: Promise<void>): Promise<void> {
    if (this.#waiting >= MAX_WAITING) {
      passage.catch(() => {});
      throw new Error(`${MAX_WAITING} connections wait already`);
    }
    this.#waiting++;
    try {
      await passage;
    } finally {
      this.#waiting--;
    }
  }
}

function isTaken(error: unknown): boolean {
  return [
    Deno.errors.AddrInUse,
    Deno.errors.AddrNotAvailable,
    // The first thousand ports of some nodes are root's.
    Deno.errors.PermissionDenied,
  ].some((kind) => error instanceof kind);
}
