import type {
  CallOptions,
  HostPackets,
  MissingPart,
  PacketHold,
  PacketOptions,
  PacketRule,
  PacketShape,
  PacketShaping,
  PacketWatch,
  ProbeReceiver,
  ProbeTarget,
  TimedProbes,
} from "../host/host.ts";
import { integer, list, number, oneOf, record, type Shape, text } from "../wire/shape.ts";
import { settledWithin } from "../settled_within.ts";
import { unlessAborted } from "../unless_aborted.ts";
import { AgentCall } from "./agent_call.ts";
import type { ClientSession } from "./client_session.ts";

/** Addresses of one host, and rules of one call. */
const MANY = 10_000;

const addressesShape = list(text(64), MANY);

/** Milliseconds that an agent has to end what is given up. */
const PATIENCE = 5_000;

const countsShape = list(integer(), MANY);

const missingShape: Shape<MissingPart[]> = list(
  record({
    part: oneOf("privilege", "tables", "owners", "queueTarget", "queues", "copies"),
    reason: text(200),
    remedy: text(200),
  }),
  10,
);

const timesShape = list(number(), MANY);

/** Probes of one call that are remembered. */
const MANY_PROBES = 50_000;

const seenShape = list(integer(-1), MANY_PROBES);

const receivingShape = record({ port: integer(1, 65_535) });

/** Packets that pass the network of a host behind an agent. */
export class AgentPackets implements HostPackets {
  readonly #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** The host's addresses. */
  async addresses({ signal }: CallOptions = {}): Promise<string[]> {
    const call = new AgentCall(this.#session, { operation: "addresses", args: {}, signal });
    return addressesShape(await call.outcome, "the addresses");
  }

  /** Drops packets until it is disposed of. */
  async drop(
    rules: readonly PacketRule[],
    options?: PacketOptions,
  ): Promise<PacketHold> {
    return await this.#hold("drop", { rules }, options);
  }

  /** Counts packets that pass, until it is disposed of. */
  async count(rules: readonly PacketRule[], options?: CallOptions): Promise<PacketHold> {
    return await this.#hold("count", { rules }, options);
  }

  /** Delays packets, or loses some of them, until it is disposed of. */
  async shape(
    rules: readonly PacketRule[],
    shaping: PacketShaping,
    options?: PacketOptions,
  ): Promise<PacketShape> {
    const { call, ...hold } = await this.#hold("shape", { rules, shaping }, options);
    return { ...hold, include: async (rules) => void await call.request({ include: rules }) };
  }

  /** Remembers probes that pass there, until it is disposed of. */
  async watch(rules: readonly PacketRule[], { signal }: CallOptions = {}): Promise<PacketWatch> {
    const { call, ...hold } = await this.#hold("watch", { rules }, { signal });
    return {
      seen: async () => seenShape(await call.request({ seen: true }), "the probes"),
      [Symbol.asyncDispose]: () => hold[Symbol.asyncDispose](),
    };
  }

  /** What its kernel lacks. */
  async missingParts({ signal }: CallOptions = {}): Promise<MissingPart[]> {
    const call = new AgentCall(this.#session, { operation: "missingParts", args: {}, signal });
    return missingShape(await call.outcome, "the missing parts");
  }

  /** Counts datagrams that come there. */
  async receiveProbes({ signal }: CallOptions = {}): Promise<ProbeReceiver> {
    const call = new AgentCall(this.#session, { operation: "receiveProbes", args: {}, signal });
    const { port } = receivingShape(await call.opened, "the event");
    return {
      port,
      received: async (mark) => Number(await call.request({ received: mark })),
      [Symbol.asyncDispose]: () => call.close(),
    };
  }

  /** Sends datagrams from there. */
  async sendProbes(target: ProbeTarget, { signal }: CallOptions = {}): Promise<void> {
    const call = new AgentCall(this.#session, { operation: "sendProbes", args: target, signal });
    await call.outcome;
  }

  /** Sends datagrams from there, and waits for their answers. */
  async timeProbes(target: TimedProbes, { signal }: CallOptions = {}): Promise<number[]> {
    const call = new AgentCall(this.#session, { operation: "timeProbes", args: target, signal });
    return timesShape(await call.outcome, "the times");
  }

  async #hold(
    operation: "drop" | "count" | "shape" | "watch",
    asked: { readonly rules: readonly PacketRule[]; readonly shaping?: PacketShaping },
    { sparedPort, signal }: PacketOptions = {},
  ): Promise<PacketHold & { readonly call: AgentCall }> {
    signal?.throwIfAborted();
    const call = new AgentCall(this.#session, { operation, args: { ...asked, sparedPort } });
    try {
      await (signal ? unlessAborted(call.opened, signal) : call.opened);
    } catch (error) {
      // The agent may have begun it: whoever gives up is to find that packets pass.
      await settledWithin(PATIENCE, call.close());
      throw error;
    }
    const { promise: lost, resolve } = Promise.withResolvers<Error>();
    let isDisposed = false;
    const ended = () => new Deno.errors.Interrupted("the session with the agent was closed");
    call.outcome.then(() => isDisposed || resolve(ended()), resolve);
    return {
      call,
      lost,
      counts: async () => countsShape(await call.request({ counts: true }), "the counts"),
      [Symbol.asyncDispose]: () => {
        isDisposed = true;
        return call.close();
      },
    };
  }
}
