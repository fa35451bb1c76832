import type { Purpose } from "../identity/connection_proof.ts";
import { startTimer } from "../timer.ts";
import { MAX_PACKET } from "./protocol.ts";
import type { StreamTransport } from "./stream_transport.ts";
import { NO_OP_RECEIVER, type TransportEnd } from "./transport.ts";
import { ProtocolViolation } from "./violation.ts";

/** Bytes of the largest packet of a handshake. */
const MAX_GREETING = 512;

/** What a handshake leads to. One of the two is called, once, in the turn in which that is known. */
export interface HandshakeEvents {
  /** The other side has proved itself: the connection is for this, and has to get its receiver now. */
  proven(purpose: Purpose): void;
  /** The other side has not proved itself, and the connection is closed. */
  failed(error: Error): void;
}

/**
 * Packets that may wait while one is looked at. After its proof a runner sends what the connection is
 * for, before the agent has looked at that proof.
 */
const MAX_WAITING = 64;

/** What bounds a handshake, and what hears of its end. */
interface ExchangeOptions extends HandshakeEvents {
  /** Milliseconds that it may take. @default no bound */
  readonly timeout?: number | undefined;
}

/** Takes a packet. What it throws ends the handshake. */
type Take = (packet: unknown, exchange: HandshakeExchange) => Promise<void>;

/** One side of a handshake: packets of JSON, bounded in size, number and time. */
export class HandshakeExchange {
  readonly #transport: StreamTransport;
  readonly #events: HandshakeEvents;
  readonly #take: Take;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  readonly #timer: ReturnType<typeof startTimer>;
  #isTaking = false;
  #isOver = false;

  /** `take` gets what comes, one packet after the other, until the handshake has succeeded. */
  constructor(
    transport: StreamTransport,
    { timeout = Infinity, ...events }: ExchangeOptions,
    take: Take,
  ) {
    this.#transport = transport;
    this.#events = events;
    this.#take = take;
    this.#timer = startTimer(timeout, () => this.#refuse("no proof came in time"));
    transport.maxPacket = MAX_GREETING;
    transport.receiver = {
      packet: (bytes) => this.#receive(bytes),
      heard: () => {},
      violated: (reason) => this.#refuse(reason),
      closed: (end) => this.#fail(endOf(end)),
    };
  }

  /** Sends a packet; nothing any more once the handshake is over. */
  send(message: object): void {
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    if (!this.#isOver) this.#transport.send(bytes, () => {});
  }

  /** The other side has proved itself. What has come since then goes to the new receiver. */
  succeed(purpose: Purpose): void {
    if (this.#isOver) return;
    this.#settle();
    this.#transport.maxPacket = MAX_PACKET;
    this.#events.proven(purpose);
    for (const packet of this.#waiting.splice(0)) this.#transport.receiver.packet(packet);
  }

  #receive(bytes: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(bytes);
    if (this.#waiting.length > MAX_WAITING) this.#refuse("too much before a proof");
    else if (!this.#isTaking) this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    this.#isTaking = true;
    try {
      for (let next; !this.#isOver && (next = this.#waiting.shift());) {
        await this.#take(parsed(next), this);
      }
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#isTaking = false;
  }

  #refuse(reason: string): void {
    this.#fail(new ProtocolViolation(reason));
  }

  /** Closes the connection without a reason: a stranger is to learn nothing. */
  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#settle();
    this.#transport.terminate();
    this.#events.failed(error);
  }

  #settle(): void {
    this.#isOver = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    // What still comes is dropped, until the connection has its receiver.
    this.#transport.receiver = NO_OP_RECEIVER;
  }
}

function endOf({ reason }: TransportEnd): Error {
  return new Deno.errors.ConnectionReset(reason || "the connection was closed in its handshake");
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new ProtocolViolation("a greeting that is no JSON");
  }
}
