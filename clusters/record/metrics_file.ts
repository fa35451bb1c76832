import type { HostSample, ProcessSample } from "../../agent/host/host.ts";
import type { NodeClock } from "../events/mod.ts";
import { changesOf, type MetricsColumns, metricsColumns } from "./metrics_columns.ts";

/** The folder of a cluster's record in which each node has a file. */
export const METRICS_FOLDER = "metrics";

/** Bytes after which samples are recorded half as often; again after as many more, and so on. */
const BYTES_PER_RESOLUTION = 512 * 1024;

/** Bytes after which no more are recorded. It takes years: lines are rare by then. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Processes of one line. What others have changed is in a later one. */
const MAX_PROCESSES = 5;

/** By how much memory of a process, or the peak of a node, has to change to be worth a few bytes. */
const MEMORY_STEP = 0.01;

/** What does not change from one line to the next: the first line of a file. */
export interface MetricsHead {
  readonly metrics: 1;
  readonly scope: HostSample["scope"];
  readonly cores: number;
  readonly memoryLimit?: number | undefined;
}

/**
 * A line with a sample: columns, and then processes by their numbers in the cluster, and the most memory
 * until then, if that is more than the lines before have said, by one percent at least.
 */
export type MetricsLine = readonly [
  ...columns: MetricsColumns,
  processes: readonly (readonly [number: number, cpu: number, memory: number])[],
  memoryPeak?: number,
];

/** How a file of metrics is written. */
export interface MetricsFileOptions {
  /** Writes text at its end. */
  readonly append: (text: string) => void;
  /** The number in the cluster of a process of the node; `undefined` for what is none of the test. */
  readonly numberOf: (pid: number) => number | undefined;
}

/**
 * Writes what a node uses, a short line a sample: counters as what has changed since the line before. It is
 * bounded: of what goes on for hours there is a line less often.
 */
export class MetricsFile {
  readonly #options: MetricsFileOptions;
  #head = "";
  #clock: NodeClock | undefined;
  #before: HostSample | undefined;
  /** Each process as the latest line about it has it, by its number. */
  readonly #processes = new Map<number, ProcessSample>();
  #bytes = 0;
  /** The most memory that a line has told of. */
  #peak = 0;
  /** Samples that were not written since the latest that was. */
  #left = 0;

  constructor(options: MetricsFileOptions) {
    this.#options = options;
  }

  /** The node's clock, from now on. */
  setClock({ offset, error }: NodeClock): void {
    this.#clock = { offset: rounded(offset), ...error !== undefined && { error: rounded(error) } };
    if (this.#head !== "") this.#write(this.#clock);
  }

  /** Whoever has the node's name from now on has counters of its own. */
  beginAnew(): void {
    this.#before = undefined;
    this.#peak = 0;
    this.#processes.clear();
  }

  /** The node uses this. */
  take(sample: HostSample): void {
    if (this.#bytes > MAX_BYTES) return;
    if (++this.#left < 2 ** Math.floor(this.#bytes / BYTES_PER_RESOLUTION)) return;
    this.#left = 0;
    this.#writeHead(sample);
    const columns = metricsColumns(changesOf(sample, this.#before));
    this.#before = sample;
    const peak = this.#newPeak(sample);
    const processes = this.#changedProcesses(sample);
    const line: MetricsLine = peak === undefined
      ? [...columns, processes]
      : [...columns, processes, peak];
    this.#write(line);
  }

  #writeHead({ scope, cores, memoryLimit }: HostSample): void {
    const head: MetricsHead = {
      ...{ metrics: 1, scope, cores },
      ...memoryLimit !== undefined && { memoryLimit },
    };
    const text = JSON.stringify(head);
    if (text === this.#head) return;
    const isFirst = this.#head === "";
    this.#head = text;
    this.#write(head);
    if (isFirst && this.#clock) this.#write(this.#clock);
  }

  #newPeak({ memoryPeak = 0 }: HostSample): number | undefined {
    if (memoryPeak <= this.#peak * (1 + MEMORY_STEP)) return undefined;
    this.#peak = memoryPeak;
    return Math.round(memoryPeak);
  }

  /** Those that have changed the most; what is left out stays a change. */
  #changedProcesses({ processes }: HostSample): MetricsLine[11] {
    const changed = processes.flatMap((process) => {
      const number = this.#options.numberOf(process.pid);
      if (number === undefined) return [];
      const known = this.#processes.get(number);
      const before = known && known.pid === process.pid ? known : undefined;
      const cpu = Math.max(0, process.cpu - (before?.cpu ?? 0));
      const grown = Math.abs(process.memory - (before?.memory ?? 0));
      const isWorth = !before || cpu > 0 || grown > before.memory * MEMORY_STEP;
      return isWorth ? [{ number, process, cpu, weight: cpu + grown / 2 ** 20 }] : [];
    });
    changed.sort((a, b) => b.weight - a.weight);
    return changed.slice(0, MAX_PROCESSES).map(({ number, process, cpu }) => {
      this.#processes.set(number, process);
      return [number, Math.round(cpu), Math.round(process.memory)];
    });
  }

  #write(content: MetricsHead | MetricsLine | NodeClock): void {
    const text = `${JSON.stringify(content)}\n`;
    this.#bytes += text.length;
    this.#options.append(text);
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
