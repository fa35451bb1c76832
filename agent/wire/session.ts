import { errorOf } from "../host/described_error.ts";
import { AckSchedule } from "./ack_schedule.ts";
import {
  decodeCount,
  decodePacket,
  encodeCount,
  encodePacket,
  type Frame,
  FrameType,
} from "./frame.ts";
import type { PacketConnection } from "./packet_connection.ts";
import { Outbox } from "./outbox.ts";
import { PacketWriter } from "./packet_writer.ts";
import { CloseCode, MAX_BACKLOG, MAX_UNACKNOWLEDGED } from "./protocol.ts";
import { SentPackets } from "./sent_packets.ts";
import type { TransportEnd } from "./transport.ts";
import { ProtocolViolation } from "./violation.ts";

/** What a session tells its owner. */
export interface SessionEvents {
  /** A frame, in order and once. Throws a `ProtocolViolation` if it should not be. */
  frame(frame: Frame): void;
  /** The connection ended, not by {@linkcode Session.end}; the session waits for another. */
  cut(end: TransportEnd): void;
  /** The session failed: it broke the protocol or was flooded. Nothing can be sent any more. */
  failed(error: Error): void;
}

/**
 * Packets, counted and kept until acknowledged: what is posted to {@linkcode outbox} arrives at the
 * other side once and in order, whatever happens to the connections in between.
 */
export class Session {
  /** What is to be sent. */
  readonly outbox: Outbox;
  #events: SessionEvents;
  #connection: PacketConnection | undefined;
  #writer: PacketWriter = new PacketWriter();
  #sent: SentPackets;
  #received = 0;
  readonly #acks = new AckSchedule(() => this.#acknowledge());
  /** The connection in whose socket an ACK waits. */
  #acknowledging: PacketConnection | undefined;
  #woken = false;
  #over = false;

  constructor(events: SessionEvents) {
    this.#events = events;
    this.#sent = new SentPackets((packet) => this.#writer.recycle(packet));
    this.outbox = new Outbox(() => this.#wake());
  }

  /** Packets received in this session: what a hello says. */
  get received(): number {
    return this.#received;
  }

  /** The connection that the session has now. */
  get connection(): PacketConnection | undefined {
    return this.#connection;
  }

  /**
   * Goes on over a new connection, of which the other side has said that it has `received` so many
   * packets.
   *
   * @throws {ProtocolViolation} if it cannot have.
   */
  attach(connection: PacketConnection, received: number): void {
    this.#sent.rewind(received);
    this.#connection = connection;
    connection.receiver = {
      packet: (bytes) => this.#guard(() => this.#receive(bytes)),
      drained: () => this.#pump(),
      closed: (end) => this.#cut(connection, end),
    };
    this.#acks.settle();
    this.#pump();
  }

  /** Leaves the connection, which is replaced by another. */
  detach(): PacketConnection | undefined {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) connection.receiver = IGNORE;
    this.#acks.settle();
    return connection;
  }

  /** Ends the session and its connection. Idempotent. */
  end(code: number, reason: string): void {
    this.#over = true;
    this.detach()?.close(code, reason);
  }

  #cut(connection: PacketConnection, end: TransportEnd): void {
    if (this.#connection !== connection) return;
    this.detach();
    this.#events.cut(end);
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.end(CloseCode.violation, error.message);
    this.#events.failed(error);
  }

  /** A peer can end its own session, by whatever it sends, and nothing else. */
  #guard(work: () => void): void {
    if (this.#over) return;
    try {
      work();
    } catch (error) {
      this.#fail(errorOf(error));
    }
  }

  #receive(packet: Uint8Array<ArrayBuffer>): void {
    const frames = decodePacket(packet);
    const first = frames[0];
    if (first && first.type <= FrameType.ack) return this.#receiveUncounted(first, frames.length);
    this.#received += 1;
    for (const frame of frames) {
      if (frame.type <= FrameType.ack) throw new ProtocolViolation("uncounted frame among others");
      this.#events.frame(frame);
    }
    this.#acks.owe(packet.length);
  }

  #receiveUncounted(frame: Frame, frames: number): void {
    if (frames > 1) throw new ProtocolViolation("uncounted frame among others");
    if (frame.type !== FrameType.ack) throw new ProtocolViolation("hello out of turn");
    this.#sent.acknowledge(decodeCount(frame));
    if (this.#sent.bytes === 0) this.#writer.trim();
    this.#pump();
  }

  /** One ACK waits in a socket at a time: for a peer that sends and does not read, none pile up. */
  #acknowledge(): void {
    const connection = this.#connection;
    if (!connection || this.#acknowledging === connection) return;
    this.#acks.settle();
    this.#acknowledging = connection;
    const payload = encodeCount(this.#received);
    connection.send(encodePacket({ type: FrameType.ack, stream: 0, channel: 0, payload }), () => {
      if (this.#acknowledging !== connection) return;
      this.#acknowledging = undefined;
      if (this.#connection === connection && this.#acks.isOwed) this.#acks.start();
    });
  }

  /** Sends at the end of this turn, so that frames of one turn share a packet. */
  #wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    queueMicrotask(() => {
      this.#woken = false;
      this.#pump();
    });
  }

  #pump(): void {
    this.#guard(() => {
      const connection = this.#connection;
      while (connection && !connection.congested) {
        const packet = this.#sent.next() ?? this.#compose();
        if (!packet) break;
        connection.send(packet);
      }
      this.#checkBacklog();
    });
  }

  #compose(): Uint8Array<ArrayBuffer> | undefined {
    const data = this.#sent.bytes < MAX_UNACKNOWLEDGED;
    const packet = this.outbox.compose(this.#writer, { data });
    if (!packet) return undefined;
    this.#sent.push(packet);
    return this.#sent.next();
  }

  #checkBacklog(): void {
    if (this.#sent.bytes + this.outbox.bytes <= MAX_BACKLOG) return;
    throw new ProtocolViolation("packets are not acknowledged");
  }
}

const IGNORE = { packet: () => {}, drained: () => {}, closed: () => {} };
