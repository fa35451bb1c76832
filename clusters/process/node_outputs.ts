import { settledWithin } from "../../agent/settled_within.ts";
import type { HostProcess, HostProcesses, ProcessSpec } from "../../agent/host/host.ts";
import { type FollowOutput, LocalOutputFeed } from "../../agent/host/local_output_feed.ts";
import type { ClusterRecord, ProcessRecord } from "../record/mod.ts";
import { FeedReader } from "./feed_reader.ts";
import { LiveOutputs } from "./live_outputs.ts";
import { outputsHere } from "./outputs_here.ts";

/**
 * Milliseconds that a node has to bring what its processes wrote, before something ends them: a busy one
 * is late.
 */
const FLUSH_TIMEOUT = 3_000;

/** Milliseconds that the end of what brings outputs may take: the node may be gone. */
const END_TIMEOUT = 500;

/** What is to be recorded of a process. */
export interface RecordedStart {
  readonly spec: ProcessSpec;
  /** Unique in the cluster. */
  readonly number: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the processes of a node write, on its way into the record.
 *
 * The node's host brings the outputs of processes in the background, as they come, by one feed for all
 * of them, whether or not the test reads them. The outputs of commands pass here anyway, on their way
 * into results, so they are taken from there and cross no wire twice.
 */
export class NodeOutputs implements AsyncDisposable {
  readonly #node: string;
  readonly #record: ClusterRecord;
  /** One for each host that the node has had: a restart may bring another. */
  readonly #readers = new Map<HostProcesses, FeedReader>();
  readonly #ends = new Set<Promise<void>>();
  #passing: FeedReader<LocalOutputFeed> | undefined;

  constructor(node: string, record: ClusterRecord) {
    this.#node = node;
    this.#record = record;
  }

  /** Starts a process that runs in the background. */
  async start(
    processes: HostProcesses,
    { spec, number: key, signal }: RecordedStart,
  ): Promise<{ process: HostProcess; outputs: LiveOutputs }> {
    const record = this.#recordOf(spec, key);
    if (record.isComplete) {
      const process = await processes.start(spec, { signal });
      return { process, outputs: new LiveOutputs(record) };
    }
    const reader = this.#readerOf(processes);
    const { feed } = reader;
    const outputs = new LiveOutputs(record, {
      attend: (isAttended) => feed.attend(key, isAttended),
      flush: () => reader.flush(),
    });
    reader.add(key, outputs);
    try {
      return { process: await processes.start(spec, { signal, follow: { feed, key } }), outputs };
    } catch (error) {
      reader.delete(key);
      throw error;
    }
  }

  /** Follows the outputs of a command that pass here. */
  followPassing({ spec, number: key }: RecordedStart): FollowOutput {
    const { rate } = this.#record.limits;
    this.#passing ??= new FeedReader(new LocalOutputFeed({ rate }));
    this.#passing.add(key, new LiveOutputs(this.#recordOf(spec, key)));
    return this.#passing.feed.follow(key);
  }

  /** Has the disposal of the node wait until the end of a process was recorded. */
  expect(end: Promise<void>): void {
    this.#ends.add(end);
    end.finally(() => this.#ends.delete(end));
  }

  /** Waits, within a bound, until the record has what was written until now. */
  async flush(): Promise<void> {
    const flushed = [...this.#readers.values()].map((reader) => reader.flush());
    await settledWithin(FLUSH_TIMEOUT, Promise.all(flushed));
  }

  /** Waits, within a bound, until the record has all that came. To be done after the node's end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const readers = [...this.#readers.values(), this.#passing];
    const closed = readers.map((reader) => reader?.[Symbol.asyncDispose]());
    await settledWithin(END_TIMEOUT, Promise.all(closed));
    await settledWithin(END_TIMEOUT, Promise.all(this.#ends));
  }

  #readerOf(processes: HostProcesses): FeedReader {
    const found = this.#readers.get(processes);
    if (found) return found;
    const { rate } = this.#record.limits;
    const reader = new FeedReader(processes.follow({ rate }));
    this.#readers.set(processes, reader);
    return reader;
  }

  #recordOf(spec: ProcessSpec, number: number): ProcessRecord {
    const { command } = spec;
    const outputs = outputsHere(spec);
    return this.#record.process({ node: this.#node, number, command, outputs });
  }
}
