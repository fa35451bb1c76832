import { closeUnlessClosed } from "../close_unless_closed.ts";
import { delay } from "../delay.ts";
import type { Host, HostConnection } from "../host/host.ts";
import { closeAndRelease } from "../host/sockets/released_port.ts";
import { unlessAborted } from "../unless_aborted.ts";
import type { AgentRoute } from "./fleet_agent.ts";

/** Where a tunnel is on this machine, and what it leads to on a host. */
const LOOPBACK = "127.0.0.1";

/** Connections at a time: a session and its lease have one each, and now and then one that replaces it. */
const MAX_CONNECTIONS = 16;

/** Milliseconds until the next attempt to accept connections after one that has failed. */
const RETRY_PAUSE = 20;

/** What a tunnel passes bytes to. */
export type TunnelConnection = Pick<HostConnection, "readable" | "writable" | "reset">;

/** Where a tunnel leads. */
export interface TunnelTarget {
  /** Opens another connection to it; rejects when `signal` aborts. */
  readonly dial: (signal: AbortSignal) => Promise<TunnelConnection>;
  /** Aborts when the connections that there are have to be broken off. @default never */
  readonly breaks?: (() => AbortSignal) | undefined;
}

/** A port of the loopback of a host: `host` gives that as it is then, since one that is started again is another. */
export function loopbackOf(
  host: () => Promise<Host>,
  port: number,
): (signal: AbortSignal) => Promise<TunnelConnection> {
  return async (signal) => {
    const { network } = await host();
    return await network.dial({ transport: "tcp", hostname: LOOPBACK, port }, { signal });
  };
}

/**
 * A port of this machine's loopback that leads to an agent which is not reached otherwise: through
 * another agent, or by whatever way a backend has. Whatever connects to it here finds no more than that
 * agent's TLS. A connection ends with what carries it; another one can be made then.
 */
export class AgentTunnel implements AsyncDisposable {
  readonly #target: TunnelTarget;
  readonly #listener: Deno.TcpListener;
  #closed: Promise<void> | undefined;
  readonly #end = new AbortController();
  readonly #passing = new Set<Promise<void>>();
  readonly #serving: Promise<void>;
  #failure: unknown;

  private constructor(target: TunnelTarget, listener: Deno.TcpListener) {
    this.#target = target;
    this.#listener = listener;
    this.#serving = this.#serve();
  }

  /** Begins to listen. The target is dialled when somebody connects. */
  static open(target: TunnelTarget): AgentTunnel {
    return new AgentTunnel(target, Deno.listen({ hostname: LOOPBACK, port: 0 }));
  }

  /** The address of the tunnel on this machine. */
  get route(): AgentRoute {
    return { hostname: LOOPBACK, port: this.#listener.addr.port };
  }

  /** Why the target was not reached, or was cut off, the last time: who connects here cannot know. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Ends all connections at once, and does not wait for the host, which may be paused. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#closed ??= closeAndRelease(this.#listener.addr, () => this.#close()));
    await Promise.all(this.#passing);
  }

  async #close(): Promise<void> {
    this.#end.abort(new Deno.errors.Interrupted("the tunnel was closed"));
    this.#listener.close();
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const client = await this.#listener.accept().catch(() => undefined);
      if (client === undefined) {
        // The client has closed its connection meanwhile, or this process has no file descriptors left.
        await delay(RETRY_PAUSE, signal).catch(() => {});
        continue;
      }
      if (signal.aborted || this.#passing.size >= MAX_CONNECTIONS) {
        client.close();
        continue;
      }
      const passing = this.#pass(client).catch(() => {});
      this.#passing.add(passing);
      passing.then(() => this.#passing.delete(passing));
    }
  }

  async #pass(client: Deno.TcpConn): Promise<void> {
    const over = new AbortController();
    const { breaks } = this.#target;
    const ends = [this.#end.signal, over.signal, ...breaks ? [breaks()] : []];
    const signal = AbortSignal.any(ends);
    let there: TunnelConnection | undefined;
    try {
      client.setNoDelay(true);
      const dialled = await this.#dial(signal);
      there = dialled;
      const both = [
        client.readable.pipeTo(dialled.writable, { signal }),
        // Closing its stream would close the other direction, too.
        dialled.readable.pipeTo(client.writable, { signal, preventClose: true })
          .then(() => client.closeWrite(), (error) => {
            this.#noteEndOf(dialled.readable);
            throw error;
          }),
      ];
      for (const each of both) each.catch((error) => over.abort(error));
      // A stream that is given up waits for what it was sending, and so for a host that is paused.
      await unlessAborted(Promise.allSettled(both), signal);
    } finally {
      // A host that is paused answers later, or never.
      there?.reset(new Deno.errors.Interrupted("the tunnel's client has gone")).catch(() => {});
      closeUnlessClosed(client);
    }
  }

  async #dial(signal: AbortSignal): Promise<TunnelConnection> {
    try {
      return await this.#target.dial(signal);
    } catch (error) {
      if (!signal.aborted) this.#failure = error;
      throw error;
    }
  }

  /** A stream that has failed, and was not only given up, says why. */
  #noteEndOf(readable: TunnelConnection["readable"]): void {
    readable.getReader().closed.catch((error) => this.#failure = error);
  }
}
