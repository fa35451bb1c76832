import type { CallOptions } from "./call_options.ts";

/** What a host uses of its machine. Needs Linux. */
export interface HostMetrics {
  /** What it uses now. Rejects with `Deno.errors.NotSupported` where the system does not tell. */
  sample(options?: CallOptions): Promise<HostSample>;
  /**
   * What it uses from now on, again and again: for one reader, who sets the pace, so nothing is sampled while
   * nobody reads. Fails as {@linkcode sample} does, and ends, or fails, with the host. Cancelling ends it.
   */
  follow(options?: FollowMetricsOptions): ReadableStream<readonly HostSample[]>;
}

/** How often samples are taken, and how many come together. */
export interface FollowMetricsOptions {
  /** Milliseconds between two samples; more where one takes so long that it would be felt. @default 1000 */
  readonly interval?: number | undefined;
  /** Samples that come together: of thousands of hosts, each by itself would be felt. @default 1 */
  readonly batch?: number | undefined;
  /** When this aborts, one more is taken, all come although fewer are together, and the stream ends. */
  readonly until?: AbortSignal | undefined;
}

/** Milliseconds between samples, and samples that come together, at most. */
export const METRICS_LIMITS: { readonly interval: number; readonly batch: number } = {
  interval: 3_600_000,
  batch: 1_000,
};

/**
 * What a host uses at a moment. Counters grow from one sample to the next, from some moment on; what the
 * system does not tell is absent.
 */
export interface HostSample {
  /** When it was taken: milliseconds since the epoch, on the host's clock. */
  readonly time: number;
  /**
   * What is counted. `"machine"`: all of the machine. `"container"`: what is in the host's control group.
   * `"processes"`: hosts share the machine, so it is the sum of the processes that this one has started.
   */
  readonly scope: "machine" | "container" | "processes";
  /** Processors that it may use: 0.5 is half of one. */
  readonly cores: number;
  /** Bytes of memory that it may use; absent where it has no limit of its own. */
  readonly memoryLimit?: number | undefined;
  /** A counter: milliseconds of processor time. */
  readonly cpu?: number | undefined;
  /** Bytes of memory, without what the system keeps of files only as long as nobody needs the room. */
  readonly memory?: number | undefined;
  /**
   * The most bytes of memory that its control group has had, with all that the system kept of files; absent
   * where there is no such group. It only grows.
   */
  readonly memoryPeak?: number | undefined;
  /** A counter: bytes that came from other hosts; absent where hosts share the machine. */
  readonly received?: number | undefined;
  /** A counter: bytes that went to other hosts; absent where hosts share the machine. */
  readonly sent?: number | undefined;
  /** A counter: packets of what was received. */
  readonly packetsIn?: number | undefined;
  /** A counter: packets of what was sent. */
  readonly packetsOut?: number | undefined;
  /** A counter: bytes that were read from disks. */
  readonly read?: number | undefined;
  /** A counter: bytes that were written to disks. */
  readonly written?: number | undefined;
  /** Files, connections and the like that its processes have open. */
  readonly files?: number | undefined;
  /** Processes that ran or waited for a processor or a disk, on average of a minute, on all of the machine. */
  readonly load?: number | undefined;
  /** Those that were started on it, each with what it has started itself. */
  readonly processes: readonly ProcessSample[];
}

/** What a process uses, together with all that it has started. */
export interface ProcessSample {
  /** Its number on the host. */
  readonly pid: number;
  /** A counter: milliseconds of processor time. */
  readonly cpu: number;
  /** Bytes of memory that are in use by it; what processes share counts for each. */
  readonly memory: number;
}
