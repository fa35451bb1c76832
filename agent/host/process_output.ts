import { type LogTail, OUTPUT_LOG_SIZE } from "./host.ts";
import { OutputRing } from "./output_ring.ts";

/** Bytes that are read from a pipe at a time, at first and once a read was filled. */
const READ_SIZES = { first: 8 * 1024, then: 64 * 1024 };

/** A chunk that fills less of its buffer is copied out, so that it does not keep the rest alive. */
const WORTH_PASSING = 16 * 1024;

/** What a process output needs to know. */
export interface ProcessOutputOptions {
  /** As in `OutputMode`: whether bytes go into the log while nobody reads. */
  readonly mode: "log" | "piped";
  /** Completes "Cannot read …" in errors. */
  readonly label: string;
}

/**
 * One output of a process: a pipe, the log of its latest bytes, and a stream for one reader.
 *
 * All bytes pass through the log. The reader has a place in it, and pipe and log meet the reader's
 * pace as `OutputMode` says. Once the process has ended, what the log can hold besides what the
 * reader has not had yet is read at once, so that no pipe stays open for a reader who never comes.
 */
export class ProcessOutput {
  /** For the reader. Cancelling lets the rest go into the log. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when the pipe is closed. */
  readonly ended: Promise<void>;
  readonly #pipe: ReadableStreamBYOBReader;
  readonly #ring = new OutputRing(OUTPUT_LOG_SIZE);
  readonly #label: string;
  readonly #end = Promise.withResolvers<void>();
  /** How far the reader has got. */
  #position = 0;
  /** Whether there is, or still may be, a reader whose pace counts. */
  #paced: boolean;
  #readAhead = false;
  #pumping = false;
  #closed = false;
  /** Whether a reader waits for the chunk that is being read. */
  #awaited = false;
  #failure: unknown;
  #reading: Promise<Uint8Array<ArrayBuffer> | undefined> | undefined;
  #size = READ_SIZES.first;
  #spare: ArrayBuffer | undefined;

  constructor(pipe: ReadableStream<Uint8Array<ArrayBuffer>>, options: ProcessOutputOptions) {
    this.#pipe = pipe.getReader({ mode: "byob" });
    this.#label = options.label;
    this.#paced = options.mode === "piped";
    this.ended = this.#end.promise;
    this.stream = new ReadableStream({
      type: "bytes",
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#release(),
    }, { highWaterMark: 0 });
    this.#pump();
  }

  /** The latest bytes. */
  get log(): LogTail {
    return { bytes: this.#ring.from(this.#ring.start), dropped: this.#ring.start };
  }

  /** The process has ended: nothing is kept waiting in the pipe that the log can hold. */
  processEnded(): void {
    this.#readAhead = true;
    this.#pump();
  }

  /** Closes the pipe, whoever may still hold its other end; the reader finds the end there. */
  async close(): Promise<void> {
    await this.#pipe.cancel().catch(() => {});
    this.#finish();
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    this.#paced = true;
    const chunk = this.#rest() ?? await this.#readForReader();
    if (chunk) return controller.enqueue(chunk);
    if (this.#failure !== undefined) throw this.#failure;
    controller.close();
    controller.byobRequest?.respond(0);
  }

  /** What the log holds and the reader has not had yet. */
  #rest(): Uint8Array<ArrayBuffer> | undefined {
    const { start, end } = this.#ring;
    if (this.#position === end) return undefined;
    if (this.#position < start) {
      this.#release();
      throw new Error(
        `Cannot read ${this.#label} from its start: the log had dropped ${start} bytes before ` +
          `reading began`,
      );
    }
    const rest = this.#ring.from(this.#position);
    this.#position = end;
    this.#pump();
    return rest;
  }

  async #readForReader(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#closed) return undefined;
    this.#awaited = true;
    return await this.#read();
  }

  #release(): void {
    this.#paced = false;
    this.#pump();
  }

  /** Reads from the pipe for as long as no reader has to be waited for. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (!this.#closed && this.#mayRead()) await this.#read();
    this.#pumping = false;
  }

  #mayRead(): boolean {
    if (!this.#paced) return true;
    return this.#readAhead && this.#ring.end - this.#position + this.#size <= OUTPUT_LOG_SIZE;
  }

  /** Reads one chunk into the log. A reader who wants one while it is being read gets the same. */
  #read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#reading ??= this.#readOnce();
  }

  async #readOnce(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const buffer = this.#spare ?? new ArrayBuffer(this.#size);
    this.#spare = undefined;
    const { value } = await this.#pipe.read(new Uint8Array(buffer)).catch((error) => {
      this.#failure = error;
      return { value: undefined };
    });
    this.#reading = undefined;
    if (!value?.length) return this.#finish();
    this.#ring.append(value);
    if (value.length === value.buffer.byteLength) this.#size = READ_SIZES.then;
    return this.#handOut(value);
  }

  /** Gives the chunk to the reader who waits for it, or keeps its buffer for the next read. */
  #handOut(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    const { buffer } = chunk;
    const wanted = this.#awaited;
    this.#awaited = false;
    if (wanted) this.#position = this.#ring.end;
    if (wanted && chunk.length >= WORTH_PASSING) return chunk;
    const copy = wanted ? chunk.slice() : undefined;
    if (buffer.byteLength === this.#size) this.#spare = buffer;
    return copy;
  }

  #finish(): undefined {
    this.#closed = true;
    this.#spare = undefined;
    this.#end.resolve();
  }
}
