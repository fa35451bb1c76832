import { errorOf } from "../host/described_error.ts";
import type { HostConnection } from "../host/host.ts";
import { addressesShape } from "../wire/addresses.ts";
import { INITIAL_CREDIT } from "../wire/protocol.ts";
import { record } from "../wire/shape.ts";
import { AgentCall, type CallRequest } from "./agent_call.ts";
import type { ClientSession } from "./client_session.ts";
import { writableTo } from "./writable_to.ts";

const connectedShape = record({ connected: addressesShape });

/** A connection of a host behind an agent. */
export class AgentConnection implements HostConnection {
  readonly localAddr: Deno.NetAddr | Deno.UnixAddr;
  readonly remoteAddr: Deno.NetAddr | Deno.UnixAddr;
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
  readonly closed: Promise<void>;
  #call: AgentCall;

  private constructor(call: AgentCall, event: unknown) {
    const { localAddr, remoteAddr } = connectedShape(event, "the event").connected;
    this.#call = call;
    this.localAddr = localAddr;
    this.remoteAddr = remoteAddr;
    this.closed = call.outcome.then(() => {}, () => {});
    this.readable = call.channel.incoming(1).readable;
    this.writable = writableTo(call.channel, { broken: (reason) => void this.reset(reason) });
  }

  /** Waits until the operation, a `dial` or an `accept`, has brought a connection. */
  static async open(session: ClientSession, request: CallRequest): Promise<AgentConnection> {
    const call = new AgentCall(session, { ...request, credit: [INITIAL_CREDIT] });
    return new AgentConnection(call, await call.opened);
  }

  /** As the interface says. */
  async reset(reason: unknown): Promise<void> {
    await this.#call.close(errorOf(reason));
  }

  /**
   * Closes the connection in both directions, at once. Idempotent. What was written is still sent by the
   * host, as a system does for a socket that was closed.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#call.channel.outgoing(0).endUnlessPending();
    await this.#call.close();
  }
}
