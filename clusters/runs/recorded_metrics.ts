import { join } from "node:path";
import type { NodeClock } from "../events/mod.ts";
import { type ClusterEntry, METRICS_FOLDER, type MetricsHead } from "../record/mod.ts";
import { clusterRecordFolder } from "./cluster_events.ts";
import { fileLines } from "./file_lines.ts";
import { jsonOf } from "./json_of.ts";
import { RecordError } from "./record_error.ts";
import type { RecordedRun } from "./recorded_run.ts";

/** What a node used at a moment, as it was recorded. What is not known is absent. */
export interface RecordedSample {
  /** Milliseconds since the epoch, on the runner's clock. */
  readonly time: number;
  /** Milliseconds by which `time` may be wrong, for the node's clock is another one. */
  readonly error: number;
  /** Milliseconds since the sample before, for which the amounts are; absent in the first. */
  readonly span?: number | undefined;
  /** What is counted: all of a machine, a container, or the processes that the test has started there. */
  readonly scope: "machine" | "container" | "processes";
  /** Processors that it might use. */
  readonly cores: number;
  /** Bytes of memory that it might use. */
  readonly memoryLimit?: number | undefined;
  /** Processors that it used, on average of `span`: 0.5 is half of one. */
  readonly cpu?: number | undefined;
  /** Bytes of memory. */
  readonly memory?: number | undefined;
  /** The most bytes of memory until then, with what the system kept of files, where a control group tells. */
  readonly memoryPeak?: number | undefined;
  /** Bytes that came from others, in `span`. */
  readonly received?: number | undefined;
  /** Bytes that went to others, in `span`. */
  readonly sent?: number | undefined;
  /** Packets that came from others, in `span`. */
  readonly packetsIn?: number | undefined;
  /** Packets that went to others, in `span`. */
  readonly packetsOut?: number | undefined;
  /** Bytes that were read from disks, in `span`. */
  readonly read?: number | undefined;
  /** Bytes that were written to disks, in `span`. */
  readonly written?: number | undefined;
  /** Files that the test's processes had open. */
  readonly files?: number | undefined;
  /** The average load of the machine in a minute. */
  readonly load?: number | undefined;
  /** Processes of the test that have changed since the sample before. */
  readonly processes: readonly RecordedProcess[];
}

/** What a process used, with all that it had started. */
export interface RecordedProcess {
  /** Its number in the cluster: 7 of `"process7"`. */
  readonly number: number;
  /** Milliseconds of processor time since the sample before in which it is. */
  readonly cpu: number;
  /** Bytes of memory. */
  readonly memory: number;
}

/**
 * What a node of a cluster used, a sample about every second, in order; none of what was not recorded. It
 * is read as it is iterated, so a record of any length takes no more memory than a line.
 */
export function nodeMetrics(
  run: RecordedRun,
  cluster: ClusterEntry,
  node: string,
): Generator<RecordedSample, void, undefined> {
  if (node === "" || node.startsWith(".") || /[/\\\0]/.test(node)) {
    throw new RecordError(
      `Cannot read run ${run.id}: ${JSON.stringify(node)} is no name of a node`,
    );
  }
  return recordedMetrics(clusterRecordFolder(run, cluster), node);
}

/** What a node used, in the record of a cluster in this folder. */
export function* recordedMetrics(
  folder: string,
  node: string,
): Generator<RecordedSample, void, undefined> {
  const reading = new MetricsReading();
  for (const { bytes } of fileLines(join(folder, METRICS_FOLDER, `${node}.jsonl`))) {
    const sample = reading.take(jsonOf(bytes));
    if (sample) yield sample;
  }
}

/** What the lines of a file have said until now. */
class MetricsReading {
  #head: MetricsHead = { metrics: 1, scope: "machine", cores: 1 };
  #clock: Required<NodeClock> = { offset: 0, error: 0 };
  /** The time of the line before, on the node's clock. */
  #before: number | undefined;
  #peak: number | undefined;

  /** The sample of a line, if it is about one. */
  take(line: unknown): RecordedSample | undefined {
    if (Array.isArray(line)) return this.#sample(line);
    if (isHead(line)) this.#head = line;
    if (isClock(line)) this.#clock = { offset: line.offset, error: line.error ?? 0 };
    return undefined;
  }

  /** A line that says nothing of it says that it has not changed. */
  #peakAfter(cell: unknown): number | undefined {
    if (isAmount(cell)) this.#peak = cell;
    return this.#peak;
  }

  #sample(cells: readonly unknown[]): RecordedSample | undefined {
    const [time, cpu, memory, received, sent, packetsIn, packetsOut, read, written, files, load] =
      cells.slice(0, 11).map((cell) => isAmount(cell) ? cell : undefined);
    if (time === undefined) return undefined;
    const span = this.#before === undefined || time <= this.#before
      ? undefined
      : time - this.#before;
    this.#before = time;
    const { scope, cores, memoryLimit } = this.#head;
    const { offset, error } = this.#clock;
    return {
      ...{ time: time - offset, error, span, scope, cores, memoryLimit },
      cpu: cpu === undefined || span === undefined ? undefined : cpu / span,
      ...{ memory, memoryPeak: this.#peakAfter(cells[12]) },
      ...{ received, sent, packetsIn, packetsOut, read, written, files, load },
      processes: processesOf(cells[11]),
    };
  }
}

function processesOf(cell: unknown): RecordedProcess[] {
  if (!Array.isArray(cell)) return [];
  return cell.flatMap((each) => {
    const [number, cpu, memory] = Array.isArray(each) ? each : [];
    return [number, cpu, memory].every(isAmount) ? [{ number, cpu, memory }] : [];
  });
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}

function isHead(value: unknown): value is MetricsHead {
  const { metrics, scope, cores, memoryLimit } = (value ?? {}) as Partial<MetricsHead>;
  return metrics === 1 && ["machine", "container", "processes"].includes(scope!) &&
    isAmount(cores) && (memoryLimit === undefined || isAmount(memoryLimit));
}

function isClock(value: unknown): value is NodeClock {
  const { offset, error } = (value ?? {}) as Partial<NodeClock>;
  return Number.isFinite(offset) && (error === undefined || isAmount(error));
}
