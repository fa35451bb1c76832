import { LatePiece, untilDue } from "./late_piece.ts";
import type { LinkGate } from "./link_gate.ts";
import type { LinkShape } from "./link_shape.ts";

/** Bytes that are under way at a time, at most: more stay with their sender. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Milliseconds that something may wait for its turn on a slow link, before more is taken from its sender. */
const MAX_QUEUE = 1_000;

/** Milliseconds that a piece takes on a slow link: what is longer is cut. */
const PIECE = 20;

/** Whose shapes a stream is subject to. */
export interface DelayLineOptions {
  readonly gate: LinkGate;
  /** The port of the service. */
  readonly port: number;
  /** Aborts when the connection has ended: nothing waits any more then. */
  readonly signal: AbortSignal;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What has come: bytes, a failure, or the end. */
interface Item {
  readonly chunk?: Bytes;
  readonly error?: unknown;
  readonly late: LatePiece;
}

/**
 * A stream that is as late and as slow as the shapes of a gate say. It keeps its order, ends and fails
 * behind what came before, and costs next to nothing while there is no shape.
 */
export class DelayLine {
  readonly #options: DelayLineOptions;
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  readonly #items: Item[] = [];
  #bytes = 0;
  /** Resolves when an item has come, or has gone. */
  #change = Promise.withResolvers<void>();
  #isFilling = false;
  /** What comes of it. */
  readonly readable: ReadableStream<Bytes>;

  constructor(source: ReadableStream<Bytes>, options: DelayLineOptions) {
    this.#options = options;
    this.#reader = source.getReader();
    this.readable = new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: (reason) => this.#reader.cancel(reason),
    }, { highWaterMark: 0 });
  }

  async #pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    if (!this.#isFilling) {
      this.#isFilling = true;
      this.#fill();
    }
    while (this.#items.length === 0) await this.#change.promise;
    const item = this.#items[0]!;
    await this.#pass(item);
    this.#items.shift();
    this.#bytes -= item.chunk?.length ?? 0;
    this.#changed();
    if ("error" in item) controller.error(item.error);
    else if (item.chunk) controller.enqueue(item.chunk);
    else controller.close();
  }

  /** Reads ahead what may be under way. Never rejects. */
  async #fill(): Promise<void> {
    try {
      for (;;) {
        while (this.#items.length > 0 && this.#bytes >= this.#room()) await this.#change.promise;
        const { done, value } = await this.#reader.read();
        if (done) return this.#add({});
        for (const chunk of this.#piecesOf(value)) this.#add({ chunk });
      }
    } catch (error) {
      this.#add({ error });
    }
  }

  #add(what: Pick<Item, "chunk" | "error">): void {
    const late = new LatePiece(this.#shapes(), this.#options.gate.nextPiece());
    this.#items.push({ ...what, late });
    this.#bytes += what.chunk?.length ?? 0;
    this.#changed();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** Waits until it was late for long enough, and then until it had its turn. */
  async #pass({ chunk, late }: Item): Promise<void> {
    const { signal } = this.#options;
    await late.passed(signal);
    const slow = chunk ? this.#shapes().filter(({ bandwidth }) => bandwidth < Infinity) : [];
    for (const shape of slow) {
      const passed = shape.take(chunk!.length);
      await untilDue(() => shape.over.aborted ? 0 : passed, { shapes: [shape], signal });
    }
  }

  #shapes(): LinkShape[] {
    return this.#options.gate.shapesOf(this.#options.port);
  }

  /** Bytes that may be under way. */
  #room(): number {
    const { lateness } = this.#items[0]!.late;
    const bytes = this.#bandwidth() * (lateness + MAX_QUEUE) / 8_000;
    return lateness === 0 && bytes === Infinity ? 0 : Math.min(MAX_BYTES, bytes);
  }

  #bandwidth(): number {
    return Math.min(...this.#shapes().map(({ bandwidth }) => bandwidth));
  }

  /** Copies: whoever has a chunk frees all that is behind it. */
  #piecesOf(chunk: Bytes): Bytes[] {
    const size = Math.max(1, Math.floor(this.#bandwidth() * PIECE / 8_000));
    if (size >= chunk.length) return [chunk];
    const count = Math.ceil(chunk.length / size);
    return Array.from({ length: count }, (_, i) => chunk.slice(i * size, (i + 1) * size));
  }
}
