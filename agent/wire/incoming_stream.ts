import { ChunkQueue } from "./chunk_queue.ts";
import { INITIAL_CREDIT, MAX_WINDOW } from "./protocol.ts";
import { ProtocolViolation } from "./violation.ts";

/** How an incoming stream tells the other side. */
export interface IncomingEvents {
  /** Up to `credit` bytes, counted from the start, may be sent. */
  grant(credit: number): void;
  /** The reader wants no more of the stream. */
  stop(reason: unknown): void;
}

/**
 * The receiving end of a stream. Memory is bounded by the credit that it grants: little at first,
 * and as much again as was read, up to {@linkcode MAX_WINDOW}; so a stream that nobody reads costs
 * little, and one that is read runs at full speed.
 */
export class IncomingStream {
  /** What arrives. Cancelling it stops the sender. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #events: IncomingEvents;
  #queue = new ChunkQueue();
  #granted: number;
  #received = 0;
  #consumed = 0;
  /** A read waits for the next chunk. */
  #wanted = false;
  /** What the sender said last: nothing yet, that it is complete, or why it broke off. */
  #end: "open" | "complete" | { readonly error: Error } = "open";
  /** Whether the reader gets nothing any more: the stream has ended, or was broken off. */
  #settled = false;

  /** `credit` has been granted already. With none, the first read grants some. */
  constructor(credit: number, events: IncomingEvents) {
    this.#granted = credit;
    this.#events = events;
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Takes DATA from the other side. */
  data(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#end !== "open") throw new ProtocolViolation("data after the end of a stream");
    this.#received += bytes.length;
    if (this.#received > this.#granted) throw new ProtocolViolation("credit exceeded");
    if (this.#settled) return;
    if (this.#wanted) this.#deliver(bytes);
    else this.#queue.push(bytes);
  }

  /** Takes END or, with an error, RESET from the other side. */
  finish(error?: Error): void {
    if (this.#end !== "open") throw new ProtocolViolation("second end of a stream");
    this.#end = error ? { error } : "complete";
    this.#settle();
  }

  /** No more can come, for the channel or the session is over. What has come can still be read. */
  breakOff(error: Error): void {
    if (this.#end === "open") this.finish(error);
  }

  /** Drops the rest, which the other side may still send. What is complete stays. */
  abandon(error: Error): void {
    if (this.#settled || this.#end !== "open") return;
    this.#settled = true;
    this.#queue.clear();
    this.#controller.error(error);
  }

  #pull(): void {
    const chunk = this.#queue.shift();
    if (chunk) this.#deliver(chunk);
    else this.#wanted = true;
    this.#settle();
    if (this.#granted === 0) this.#grant(INITIAL_CREDIT);
  }

  #deliver(chunk: Uint8Array<ArrayBuffer>): void {
    this.#wanted = false;
    this.#consumed += chunk.length;
    this.#controller.enqueue(chunk);
    const window = Math.min(MAX_WINDOW, INITIAL_CREDIT + this.#consumed);
    const credit = this.#consumed + window;
    if (credit - this.#granted >= window / 4) this.#grant(credit);
  }

  #grant(credit: number): void {
    if (this.#end !== "open") return;
    this.#granted = credit;
    this.#events.grant(credit);
  }

  /** Ends the readable once all that came has been read. */
  #settle(): void {
    if (this.#settled || this.#end === "open" || !this.#queue.empty) return;
    this.#settled = true;
    if (this.#end === "complete") this.#controller.close();
    else this.#controller.error(this.#end.error);
  }

  #cancel(reason: unknown): void {
    this.#settled = true;
    this.#queue.clear();
    if (this.#end === "open") this.#events.stop(reason);
  }
}
