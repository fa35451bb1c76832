/**
 * What a report tells its page: the page and what makes it share the data that is here, and no other. All
 * times are milliseconds from {@linkcode ReportData.started}, on the runner's clock.
 *
 * @module
 */

/** All that the page shows besides what is written into it as HTML. */
export interface ReportData {
  /** The name of the run. */
  readonly run: string;
  /** When it began, in milliseconds since the epoch. */
  readonly started: number;
  /** How long it took. */
  readonly duration: number;
  readonly lanes: readonly ReportLane[];
  readonly spans: readonly ReportSpan[];
  readonly marks: readonly ReportMark[];
  readonly outputs: readonly ReportOutput[];
  readonly series: readonly ReportSeries[];
  /** What was left out, because a page could not hold it, a sentence each. */
  readonly omitted: readonly string[];
}

/** A line of the time line: a node, or the tests of a cluster. */
export interface ReportLane {
  /** The cluster's folder in the record. */
  readonly cluster: string;
  /** The name of the node; `undefined`: it is that of the tests. */
  readonly node?: string | undefined;
  /** Facts about it: names and texts. */
  readonly facts: readonly ReportFact[];
}

/** A name and what is said of it. */
export type ReportFact = readonly [name: string, text: string];

/** Why something has ended that neither failed nor was ended by the test. */
export const GIVEN_BACK = "its cluster was given back";

/** What sort of thing lasts for a while. */
export type SpanKind =
  | "action"
  | "down"
  | "fault"
  | "paused"
  | "process"
  | "step"
  | "test"
  | "transfer"
  | "tunnel"
  | "wait"
  | "work";

/**
 * How it ended: `"asked"` is what the test has ended, as by `process.kill()` or with its node;
 * `"open"` is what had no end when the record ended.
 */
export type SpanState = "asked" | "failed" | "ok" | "open";

/** Something that lasts for a while. */
export interface ReportSpan {
  readonly lane: number;
  readonly kind: SpanKind;
  readonly start: number;
  /** `undefined` while it is open. */
  readonly end?: number | undefined;
  readonly state: SpanState;
  readonly label: string;
  /** The number of the process. */
  readonly process?: number | undefined;
  /** Whether the kernel has ended it because there was no more memory for it. */
  readonly isOutOfMemory?: true | undefined;
  /** When a fault was in force: from its start on it was being made, and proved. */
  readonly settled?: number | undefined;
  /** When a fault began to be healed: from then to its end it was healed, and that was proved. */
  readonly healing?: number | undefined;
  /** The lanes that a fault concerns. */
  readonly concerns?: readonly number[] | undefined;
  readonly facts?: readonly ReportFact[] | undefined;
}

/** Something that happened at one moment. */
export interface ReportMark {
  readonly lane: number;
  readonly time: number;
  readonly kind: "event" | "failure" | "note";
  readonly label: string;
  readonly facts?: readonly ReportFact[] | undefined;
}

/** What one output of a process has written. */
export interface ReportOutput {
  readonly lane: number;
  readonly process: number;
  readonly command: string;
  readonly stream: "stderr" | "stdout";
  /** Of each line, milliseconds after the one before it. */
  readonly times: readonly number[];
  /** The lines, each ended by a newline. */
  readonly text: string;
  /** The file that has all of it, beside the report. */
  readonly file: string;
}

/** Numbers over time: what a node used, or what the test has measured. */
export interface ReportSeries {
  /** `undefined`: it concerns no node. */
  readonly lane?: number | undefined;
  /** Which chart it belongs to. */
  readonly name: string;
  readonly unit: string;
  /** What it is the series of, if a chart has several of one node. */
  readonly label?: string | undefined;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  /** Milliseconds by which the times may be wrong, for they are those of a node's clock; absent: by none. */
  readonly error?: number | undefined;
}
