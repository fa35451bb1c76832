import type { HostConnection, HostListener, ListenOptions, ListenTarget } from "../host/host.ts";
import { addressShape } from "../wire/addresses.ts";
import { record, text } from "../wire/shape.ts";
import { AgentCall } from "./agent_call.ts";
import { AgentConnection } from "./agent_connection.ts";
import type { ClientSession } from "./client_session.ts";

const listeningShape = record({ listening: addressShape });

const troubleShape = record({ trouble: text() });

/** Connections that are asked for ahead of the iteration, so that a burst costs few round trips. */
const WAITING = 8;

/** A listener of a host behind an agent. */
export class AgentListener implements HostListener {
  readonly addr: Deno.NetAddr | Deno.UnixAddr;
  #session: ClientSession;
  #call: AgentCall;
  #closing = new AbortController();
  /** Asked for and not yet claimed, the oldest first. */
  #coming: Promise<HostConnection>[] = [];

  private constructor(session: ClientSession, call: AgentCall, event: unknown) {
    this.#session = session;
    this.#call = call;
    this.addr = listeningShape(event, "the event").listening;
    for (let i = 0; i < WAITING; i++) this.#askForOne();
  }

  /** Opens a listener. */
  static async open(
    session: ClientSession,
    target: ListenTarget,
    { signal, onTrouble = () => {} }: ListenOptions = {},
  ): Promise<AgentListener> {
    const onEvent = (value: unknown) => onTrouble(troubleShape(value, "the event").trouble);
    const call = new AgentCall(session, { operation: "listen", args: target, signal, onEvent });
    return new AgentListener(session, call, await call.opened);
  }

  /** Yields connections until the listener is disposed. */
  async *[Symbol.asyncIterator](): AsyncIterator<HostConnection> {
    while (!this.#closing.signal.aborted) {
      const next = this.#coming.shift();
      if (!next) return;
      this.#askForOne();
      try {
        yield await next;
      } catch (error) {
        if (!this.#closing.signal.aborted) throw error;
      }
    }
  }

  /** Closes the listener, and the connections that nobody has claimed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Deno.errors.Interrupted("the listener was closed"));
    const unclaimed = this.#coming.splice(0);
    await Promise.all([this.#call.close(), ...unclaimed.map(discard)]);
  }

  #askForOne(): void {
    const { signal } = this.#closing;
    const args = { listener: this.#call.channel.id };
    const next = AgentConnection.open(this.#session, { operation: "accept", args, signal });
    // Whether it fails is looked at when it is claimed.
    next.catch(() => {});
    this.#coming.push(next);
  }
}

async function discard(coming: Promise<HostConnection>): Promise<void> {
  const connection = await coming.catch(() => undefined);
  await connection?.[Symbol.asyncDispose]();
}
