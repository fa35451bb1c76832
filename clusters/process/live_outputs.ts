import type { OutputRecord } from "../../agent/host/host.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import type { ProcessRecord } from "../record/mod.ts";

/** Milliseconds that a node has to bring what it has read: a busy one is late. */
const FLUSH_TIMEOUT = 1_000;

/** An output of a process. */
export type OutputName = OutputRecord["output"];

/** A part of an output, as it comes. */
export interface OutputPart {
  readonly output: OutputName;
  /** Bytes of the output before it. */
  readonly start: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Gets what comes of the outputs of a process. */
export interface OutputWatcher {
  /** Whether it has parts that its reader may take at once. */
  readonly isBehind?: boolean;
  /** A part has come. */
  take(part: OutputPart): void;
  /** Nothing more will come of any output. */
  end(): void;
}

/** What brings them. */
export interface OutputOrigin {
  /** Has the node bring all that the process writes, or no more than is recorded of it. */
  attend(isAttended: boolean): Promise<void>;
  /** Resolves when all has come that the node has read by now. */
  flush(): Promise<void>;
}

/** What a process writes, as its node brings it: for the record, and for whoever watches. */
export class LiveOutputs {
  /** Keeps it. */
  readonly record: ProcessRecord;
  readonly #watchers = new Set<OutputWatcher>();
  readonly #ends = new Map<OutputName, number>();
  readonly #origin: OutputOrigin | undefined;
  #attending = 0;
  #attended: Promise<void> = Promise.resolve();

  /** Without an origin all that comes is given to them. */
  constructor(record: ProcessRecord, origin?: OutputOrigin) {
    this.record = record;
    this.#origin = origin;
  }

  /** Whether nothing more will come. */
  get isComplete(): boolean {
    return this.record.isComplete;
  }

  /** Whether somebody watches whose reader may take what has come before there is more. */
  get isBehind(): boolean {
    return this.#watchers.values().some(({ isBehind }) => isBehind);
  }

  /** Bytes of an output that have come or are missing. */
  end(output: OutputName): number {
    return this.#ends.get(output) ?? 0;
  }

  /** Takes a part of an output. */
  take(record: OutputRecord): void {
    const { output, missing, bytes } = record;
    const start = this.end(output) + missing;
    this.#ends.set(output, start + bytes.length);
    this.record.take(record);
    for (const watcher of [...this.#watchers]) watcher.take({ output, start, bytes });
    if (this.isComplete) this.close();
  }

  /** Nothing more comes. */
  close(): void {
    this.record.end();
    for (const watcher of [...this.#watchers]) watcher.end();
    this.#watchers.clear();
  }

  /** Gives a watcher what comes from now on, until the result is disposed. */
  watch(watcher: OutputWatcher): Disposable {
    if (!this.isComplete) this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** Has all brought that is written, until {@linkcode release} was called as often. */
  async attend(): Promise<void> {
    if (this.#attending++ === 0) this.#change(true);
    await this.#attended;
  }

  /** Resolves when all has come that the node has read by now, or nothing more can come; within a bound. */
  async flush(): Promise<void> {
    if (!this.isComplete && this.#origin) await settledWithin(FLUSH_TIMEOUT, this.#origin.flush());
  }

  /** One watcher less needs all of it. */
  release(): void {
    if (--this.#attending === 0) this.#change(false);
  }

  /** What fails when the node is gone ends the outputs as well. Asked for before this returns. */
  #change(isAttended: boolean): void {
    if (this.isComplete || !this.#origin) return;
    this.#attended = this.#origin.attend(isAttended).catch(() => {});
  }
}
