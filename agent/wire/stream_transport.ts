import {
  decodeClose,
  encodeClose,
  encodePrefix,
  MessageKind,
  PREFIX_SIZE,
} from "./message_prefix.ts";
import { type Message, MessageReader } from "./message_reader.ts";
import {
  NO_CODE,
  NO_OP_RECEIVER,
  type Transport,
  type TransportEnd,
  type TransportReceiver,
} from "./transport.ts";
import { ProtocolViolation } from "./violation.ts";

/** A stream of bytes in both directions, as `Deno.connect` gives one. */
export type ByteStream = Pick<Deno.Conn, "read" | "write" | "close">;

/** Packets of at most so many bytes are copied behind their prefix, which costs less than a second write. */
const WORTH_COPYING = 16 * 1024;

/** Something that waits to be written. */
interface Outgoing {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether `bytes` is a packet, and goes behind a prefix. */
  readonly isPacket: boolean;
  readonly written: (error?: unknown) => void;
}

/** Packets on a byte stream, each behind a prefix. */
export class StreamTransport implements Transport {
  /** Resolves when the connection is closed for good. */
  readonly ended: Promise<void>;
  readonly #stream: ByteStream;
  readonly #reader = new MessageReader();
  readonly #outgoing: Outgoing[] = [];
  #receiver: TransportReceiver = NO_OP_RECEIVER;
  #isReading = false;
  #isWriting = false;
  /** A sign of life waits to be written: a peer that asks for many and reads none gets no more. */
  #isPongWaiting = false;
  #end: TransportEnd = { code: NO_CODE, reason: "" };
  #isClosed = false;
  /** The receiver has got the end. */
  #isEndTold = false;
  readonly #resolveEnded: () => void;

  constructor(stream: ByteStream) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#stream = stream;
  }

  get receiver(): TransportReceiver {
    return this.#receiver;
  }

  /** The first receiver begins to read. One that is set after the end gets that, too. */
  set receiver(receiver: TransportReceiver) {
    this.#receiver = receiver;
    if (this.#isEndTold) queueMicrotask(() => receiver.closed(this.#end));
    if (!this.#isReading) this.#read();
    this.#isReading = true;
  }

  /** Bytes of the largest packet that may come from now on. @default as the protocol says */
  set maxPacket(bytes: number) {
    this.#reader.maxPacket = bytes;
  }

  send(packet: Uint8Array<ArrayBuffer>, sent: (error?: unknown) => void): void {
    this.#write({ bytes: packet, isPacket: true, written: sent });
  }

  ping(): void {
    this.#write({ bytes: encodePrefix(MessageKind.ping, 0), isPacket: false, written: () => {} });
  }

  pong(): void {
    if (this.#isPongWaiting) return;
    this.#isPongWaiting = true;
    const written = () => this.#isPongWaiting = false;
    this.#write({ bytes: encodePrefix(MessageKind.pong, 0), isPacket: false, written });
  }

  close(code: number, reason: string): void {
    this.#end = { code, reason };
    this.#write({ bytes: encodeClose(code, reason), isPacket: false, written: () => {} });
  }

  terminate(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream.close();
    const error = new Deno.errors.BrokenPipe("the connection was closed");
    for (const { written } of this.#outgoing.splice(0)) queueMicrotask(() => written(error));
    queueMicrotask(() => {
      this.#isEndTold = true;
      this.#receiver.closed(this.#end);
      this.#resolveEnded();
    });
  }

  async #read(): Promise<void> {
    try {
      while (!this.#isClosed) {
        const count = await this.#stream.read(this.#reader.target);
        if (count === null) break;
        this.#receiver.heard();
        for (const message of this.#reader.take(count)) this.#receive(message);
      }
    } catch (error) {
      if (error instanceof ProtocolViolation) return this.#refuse(error.message);
      // The connection broke, or was dropped.
    }
    this.terminate();
  }

  /** Nothing more is read: where the next message begins is not known. */
  #refuse(reason: string): void {
    this.#receiver.violated(reason);
    this.#drain();
  }

  /** What still comes is dropped, until the other side has read why and leaves. */
  async #drain(): Promise<void> {
    const nowhere = new Uint8Array(WORTH_COPYING);
    try {
      while (!this.#isClosed && await this.#stream.read(nowhere) !== null);
    } catch {
      // The other side has closed the connection.
    }
    this.terminate();
  }

  #receive({ kind, payload }: Message): void {
    if (this.#isClosed) return;
    switch (kind) {
      case MessageKind.packet:
        return this.#receiver.packet(payload);
      case MessageKind.ping:
        return this.pong();
      case MessageKind.pong:
        return;
      case MessageKind.close:
        this.#end = decodeClose(payload);
        return this.terminate();
      default:
        kind satisfies never;
    }
  }

  #write(outgoing: Outgoing): void {
    if (this.#isClosed) {
      const error = new Deno.errors.BrokenPipe("the connection was closed");
      return queueMicrotask(() => outgoing.written(error));
    }
    this.#outgoing.push(outgoing);
    if (!this.#isWriting) this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let next = this.#outgoing[0]; next; next = this.#outgoing[0]) {
        await this.#writeOne(next);
        // The connection may have been dropped meanwhile, and what waited with it.
        if (this.#outgoing[0] !== next) break;
        this.#outgoing.shift();
        next.written();
      }
    } catch {
      this.terminate();
    }
    this.#isWriting = false;
  }

  async #writeOne({ bytes, isPacket }: Outgoing): Promise<void> {
    if (!isPacket) return await this.#writeBytes(bytes);
    const prefix = encodePrefix(MessageKind.packet, bytes.length);
    if (bytes.length > WORTH_COPYING) {
      await this.#writeBytes(prefix);
      return await this.#writeBytes(bytes);
    }
    const message = new Uint8Array(PREFIX_SIZE + bytes.length);
    message.set(prefix);
    message.set(bytes, PREFIX_SIZE);
    await this.#writeBytes(message);
  }

  async #writeBytes(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += await this.#stream.write(done === 0 ? bytes : bytes.subarray(done));
    }
  }
}
