import type { FollowOutput } from "./local_output_feed.ts";
import type { OutputDemand, OutputObserver } from "./followed_output.ts";
import { type LogTail, OUTPUT_LOG_SIZE, READ_AHEAD } from "./host.ts";
import { OutputPipe } from "./output_pipe.ts";
import { OutputRing } from "./output_ring.ts";

/** What a process output needs to know. */
export interface ProcessOutputOptions {
  /** As in `OutputMode`: whether bytes go into the log while there is no reader. */
  readonly mode: "log" | "piped";
  readonly name: "stdout" | "stderr";
  /** The command, for errors. */
  readonly command: string;
  /** Follows all that comes, whether or not there is a reader. @default none */
  readonly follow?: FollowOutput | undefined;
}

type Chunk = Uint8Array<ArrayBuffer>;

/** What is done with the pipe. */
type PipeState =
  /** Nothing: a reader has to be waited for. */
  | { readonly name: "idle" }
  /** A chunk is being read, which goes into the log, and to the reader if one waits for it. */
  | { readonly name: "reading"; readonly chunk: Promise<Chunk | undefined>; isWanted: boolean }
  /** Nothing more comes. */
  | { readonly name: "closed"; readonly failure?: { readonly error: unknown } };

/** Whose pace the pipe is read at. */
type Pace =
  /** There is no reader: all that comes goes into the log. */
  | "free"
  /** The reader's: a chunk is read when it is asked for. */
  | "reader"
  /** The process has ended: as the reader's, but what the log can hold is read at once. */
  | "read-ahead";

/**
 * One output of a process: a pipe, the log of its latest bytes, and a stream for one reader.
 *
 * All bytes pass through the log, in which the reader has a place. Once the process has ended, what
 * the log can hold besides what the reader has not had yet is read at once, so that no pipe stays open
 * for a reader who never comes.
 *
 * | What happens           | Pace                                              | Pipe                  |
 * | ---------------------- | ------------------------------------------------- | --------------------- |
 * | it begins              | `free` with a log, else `reader`                  | `idle`                |
 * | the reader reads       | `free` becomes `reader`, or `read-ahead` at an end | `reading`            |
 * | the reader cancels     | `free`                                            |                       |
 * | the process ends       | `reader` becomes `read-ahead`                     |                       |
 * | a chunk has come       |                                                   | `idle`, and so on     |
 * | the pipe ends or fails |                                                   | `closed`              |
 *
 * Whoever follows the output may ask for all of it: then the pipe is read ahead of a reader who sets the
 * pace, and not at all, whatever the pace, before the follower has had what came.
 */
export class ProcessOutput {
  /** For the reader. Cancelling lets the rest go into the log. */
  readonly stream: ReadableStream<Chunk>;
  /** Resolves when the pipe is closed. */
  readonly ended: Promise<void>;
  readonly #options: ProcessOutputOptions;
  readonly #pipe: OutputPipe;
  readonly #ring = new OutputRing(OUTPUT_LOG_SIZE);
  readonly #observer: OutputObserver | undefined;
  readonly #end = Promise.withResolvers<void>();
  #state: PipeState = { name: "idle" };
  #pace: Pace;
  /** The pace of a reader, whether or not there is one now. */
  #readerPace: Exclude<Pace, "free"> = "reader";
  /** How far the reader has got, with what was saved for it. */
  #position = 0;
  /** What the reader has not had yet, and the log has no room for. */
  readonly #saved: Chunk[] = [];
  /** Resolves when a follower has room again. */
  #room: PromiseWithResolvers<void> | undefined;

  constructor(pipe: ReadableStream<Chunk>, options: ProcessOutputOptions) {
    this.#options = options;
    this.#pipe = new OutputPipe(pipe);
    this.#observer = options.follow?.({
      name: options.name,
      source: this.#ring,
      onDemand: () => this.#demandChanged(),
    });
    this.#pace = options.mode === "piped" ? "reader" : "free";
    this.ended = this.#end.promise;
    this.stream = new ReadableStream({
      type: "bytes",
      pull: (controller) => this.#pull(controller),
      cancel: () => {
        this.#saved.length = 0;
        this.#setPace("free");
      },
    }, { highWaterMark: 0 });
    this.#readOn();
  }

  /** The latest bytes. */
  get log(): LogTail {
    return { bytes: this.#ring.slice(this.#ring.start), dropped: this.#ring.start };
  }

  /** The process has ended: nothing is kept waiting in the pipe that the log can hold. */
  processEnded(): void {
    this.#readerPace = "read-ahead";
    // So that the log has room for all that is still in the pipe.
    if (this.#demand !== "none" && this.#pace === "reader") this.#save();
    if (this.#pace === "reader") this.#setPace("read-ahead");
    this.#observer?.processEnded();
  }

  /** Closes the pipe, even if processes still hold its other end; the reader finds the end there. */
  async close(): Promise<void> {
    await this.#pipe.close();
    this.#close();
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    this.#pace = this.#readerPace;
    const chunk = this.#rest() ?? await this.#nextChunk();
    if (chunk) return controller.enqueue(chunk);
    if (this.#state.name === "closed" && this.#state.failure) throw this.#state.failure.error;
    controller.close();
    controller.byobRequest?.respond(0);
  }

  /** What was saved, or else what the log holds and the reader has not had yet. */
  #rest(): Chunk | undefined {
    const saved = this.#saved.shift();
    if (saved) {
      this.#readOn();
      return saved;
    }
    const { start, end } = this.#ring;
    if (this.#position === end) return undefined;
    if (this.#position < start) {
      this.#setPace("free");
      const { name, command } = this.#options;
      throw new Error(
        `Cannot read ${name} of "${command}" from its start: the log had dropped ${start} bytes ` +
          `before reading began`,
      );
    }
    const rest = this.#ring.slice(this.#position);
    this.#position = end;
    this.#readOn();
    return rest;
  }

  /** The chunk that is being read, or else the next one. */
  async #nextChunk(): Promise<Chunk | undefined> {
    if (this.#state.name === "closed") return undefined;
    const reading = this.#state.name === "reading" ? this.#state : this.#read();
    reading.isWanted = true;
    return await reading.chunk;
  }

  #setPace(pace: Pace): void {
    this.#pace = pace;
    this.#readOn();
  }

  /** Reads from the pipe unless a reader has to be waited for. */
  #readOn(): void {
    if (this.#state.name === "idle" && this.#mayRead()) this.#read();
  }

  #mayRead(): boolean {
    if (this.#demand === "full") return false;
    if (this.#pace === "free") return true;
    const unread = this.#ring.end - this.#position + this.#pipe.size;
    if (this.#pace === "read-ahead") return unread <= OUTPUT_LOG_SIZE;
    const saved = this.#saved.reduce((sum, { length }) => sum + length, 0);
    return this.#demand === "more" && saved + unread <= READ_AHEAD;
  }

  /** Takes what the reader has not had yet out of the log, which may drop it now. */
  #save(): void {
    if (this.#position < this.#ring.end) this.#saved.push(this.#ring.slice(this.#position));
    this.#position = this.#ring.end;
  }

  /** What a follower asks for. */
  get #demand(): OutputDemand {
    return this.#observer?.demand ?? "none";
  }

  #demandChanged(): void {
    if (this.#demand !== "full") this.#room?.resolve();
    this.#readOn();
  }

  /** Reads a chunk, once a follower has room for it. */
  async #readPipe(): Promise<Chunk | undefined> {
    while (this.#demand === "full") await (this.#room = Promise.withResolvers()).promise;
    return await this.#pipe.read();
  }

  #read(): PipeState & { name: "reading" } {
    const chunk = this.#readPipe().then(
      (chunk) => this.#take(chunk),
      (error) => this.#close({ error }),
    );
    return this.#state = { name: "reading", chunk, isWanted: false };
  }

  /** Puts a chunk into the log, and resolves to what the reader who waits for it gets. */
  #take(chunk: Chunk | undefined): Chunk | undefined {
    const state = this.#state;
    if (!chunk || state.name !== "reading") return this.#close();
    const unread = this.#ring.end - this.#position + chunk.length;
    if (this.#pace === "reader" && unread > OUTPUT_LOG_SIZE) this.#save();
    this.#ring.append(chunk);
    this.#observer?.changed();
    this.#state = { name: "idle" };
    if (state.isWanted) this.#position = this.#ring.end;
    const passed = state.isWanted ? this.#pipe.pass(chunk) : undefined;
    if (!state.isWanted) this.#pipe.handBack(chunk);
    this.#readOn();
    return passed;
  }

  #close(failure?: { readonly error: unknown }): undefined {
    if (this.#state.name === "closed") return;
    this.#state = { name: "closed", ...failure && { failure } };
    this.#observer?.ended();
    this.#room?.resolve();
    this.#end.resolve();
  }
}
