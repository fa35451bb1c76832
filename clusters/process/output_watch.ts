import { delay } from "../../agent/delay.ts";
import type { LiveOutputs, OutputName, OutputPart } from "./live_outputs.ts";
import type { ProcessLog } from "./process_log.ts";

/** Milliseconds without a byte after which the outputs of a process that has ended are complete. */
const STILLNESS = 50;

/** How often stillness is waited for: what a process has left behind may write for ever. */
const ROUNDS = 5;

/** A part of an output, with how much is missing before it. */
export interface WatchedPart {
  readonly output: OutputName;
  readonly missing: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What is watched, and by whom. */
export interface OutputWatchOptions {
  readonly live: LiveOutputs;
  /** The outputs that are watched. */
  readonly outputs: readonly OutputName[];
  /** From the first byte that is kept, or from the moment of the call. */
  readonly from: "start" | "now";
  /** What is kept of what was written before. */
  readonly log: ProcessLog;
  /** Settles when the process has ended. */
  readonly ended: Promise<unknown>;
  /** Whether the reader of the parts may take some at once. @default it never waits for that */
  readonly isBehind?: () => boolean;
  /** Gets each part in turn. */
  readonly onPart: (part: WatchedPart) => void;
  /** Called once, when nothing more will come. */
  readonly onEnd: () => void;
}

/** Passes on all that a process has written and goes on to write, in order, and counts what is missing. */
export class OutputWatch implements Disposable {
  readonly #options: OutputWatchOptions;
  readonly #over = new AbortController();
  readonly #subscription: Disposable;
  /** Bytes of each output that were passed on, or are missing. */
  readonly #positions = new Map<OutputName, number>();
  /** What has come before the log did. */
  #early: OutputPart[] | undefined = [];
  #hasEnded = false;
  #isAttending = false;
  /** Parts that have come. */
  #count = 0;

  constructor(options: OutputWatchOptions) {
    this.#options = options;
    const { live, ended } = options;
    this.#subscription = live.watch({
      take: (part) => this.#take(part),
      end: () => this.#end(),
      get isBehind() {
        return options.isBehind?.() ?? false;
      },
    });
    const begun = this.#begin();
    const atEnd = () => begun.then(() => this.#untilStill());
    ended.then(atEnd, atEnd);
  }

  /** Whether the node is to send all of the output, however fast it is; true at first. */
  set isAttending(isAttending: boolean) {
    if (this.#isAttending === isAttending || this.#over.signal.aborted) return;
    this.#isAttending = isAttending;
    if (isAttending) void this.#options.live.attend();
    else this.#options.live.release();
  }

  /** Ends the watch. Idempotent. */
  [Symbol.dispose](): void {
    this.isAttending = false;
    this.#over.abort();
    this.#subscription[Symbol.dispose]();
    this.#early = undefined;
  }

  async #begin(): Promise<void> {
    const { live, from, outputs, log } = this.#options;
    // For "now" the log is asked first: its end is where the output after the call begins.
    const asked = from === "now" ? log.kept() : undefined;
    this.#isAttending = true;
    await live.attend();
    const kept = await (asked ?? log.kept());
    if (this.#over.signal.aborted) return;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const output of outputs) {
      const { dropped: start, bytes } = kept[output];
      if (from === "now") {
        this.#positions.set(output, start + bytes.length);
        continue;
      }
      // What the log has dropped may have come by the feed meanwhile.
      const before = early.filter((part) => part.output === output && part.start < start);
      for (const part of [...before, { output, start, bytes }]) this.#pass(part);
    }
    for (const part of early) this.#pass(part);
    if (live.isComplete) this.#end();
  }

  #take(part: OutputPart): void {
    if (!this.#options.outputs.includes(part.output)) return;
    if (this.#early) this.#early.push(part);
    else this.#pass(part);
  }

  /** Passes on those bytes of a part that were not passed on before. */
  #pass({ output, start, bytes }: OutputPart): void {
    const position = this.#positions.get(output) ?? 0;
    const missing = Math.max(0, start - position);
    const rest = bytes.subarray(Math.max(0, position - start));
    if (rest.length === 0 && missing === 0 || this.#over.signal.aborted) return;
    this.#positions.set(output, start + bytes.length);
    this.#count++;
    this.#options.onPart({ output, missing, bytes: rest });
  }

  /** Called when the process has ended: waits for output that is on its way; others may hold it open. */
  async #untilStill(): Promise<void> {
    const { signal } = this.#over;
    const { live } = this.#options;
    for (let round = 0; round < ROUNDS && !this.#hasEnded; round++) {
      const before = this.#count;
      await delay(STILLNESS, signal).catch(() => {});
      // What has come meanwhile may wait behind the timer, if this thread was busy.
      await live.flush();
      if (this.#count === before) break;
    }
    this.#end();
  }

  #end(): void {
    // Parts that arrived before the log did are still to be passed on.
    if (this.#hasEnded || this.#early || this.#over.signal.aborted) return;
    this.#hasEnded = true;
    this[Symbol.dispose]();
    this.#options.onEnd();
  }
}
