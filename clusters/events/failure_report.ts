import type { ClusterEvent } from "./events.ts";
import { commandLine } from "./event_line.ts";
import { lastLines } from "./last_lines.ts";
import { plainText } from "./plain_line.ts";

/** The event of a type. */
type Of<T extends ClusterEvent["type"]> = Extract<ClusterEvent, { type: T }>;

/** Lines of a report. */
const MAX_LINES = 15;

/** Processes that are shown. */
const PROCESSES = 3;

/** The part of the lines of a text that is for its beginning, when it has to be cut. */
const BEGINNING = 1 / 3;

/** A process that had ended. */
interface EndedProcess {
  readonly process: string;
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * What a reader of a log wants to know of a test that has failed: why, which processes had ended, and
 * where the rest is. The error has the lines that are left. It follows the events,
 * since by the time of the failure it is too late to ask.
 */
export class FailureReport {
  #lost: string[] = [];
  /** Processes that the test's error will tell of. */
  readonly #known = new Set<string>();
  /** The latest other processes that ended with an error. */
  #failed: EndedProcess[] = [];
  #failedCount = 0;
  #succeededCount = 0;

  /** Notes what happened. */
  take(event: ClusterEvent): void {
    if (event.type === "test-started") this.#forget();
    if (event.type === "node-lost") this.#lost.push(event.node);
    if (event.type === "command-ended") this.#addProcess(event);
    if (event.type === "essential-process-ended") this.#leaveOut(event.process);
  }

  /** The lines about a test that has failed. */
  lines({ test, error = "", record }: Of<"test-ended">): string[] {
    const [first = "", ...more] = lastLines(error, Infinity);
    const others = [
      ...this.#failed.flatMap(({ title, lines }) => [
        `  ${title}`,
        ...lines.map((line) => `    | ${line}`),
      ]),
      ...this.#rest(),
      ...record === undefined ? [] : [`  record: ${record}`],
    ];
    const rest = bothEnds(more, MAX_LINES - 1 - others.length).map((line) => `  ${line}`);
    return [`test "${plainText(test)}" failed: ${first}`, ...rest, ...others];
  }

  #forget(): void {
    [this.#lost, this.#failed, this.#failedCount, this.#succeededCount] = [[], [], 0, 0];
  }

  #addProcess(event: Of<"command-ended">): void {
    const { node, process, command, code, signal, elapsed, stdout, stderr } = event;
    if (code === 0 && signal === null) {
      this.#succeededCount++;
      return;
    }
    if (this.#known.has(process)) return;
    this.#failedCount++;
    const how = signal === null ? `with code ${code ?? "unknown"}` : `by ${signal}`;
    const title = `${node}: ${commandLine(command)} had ended ${how} after ${
      (elapsed / 1000).toFixed(1)
    } s`;
    const output = stderr.trim() === "" ? stdout : stderr;
    const ended = { process, title: plainText(title), lines: firstAndLast(output) };
    this.#failed = [...this.#failed, ended].slice(-PROCESSES);
  }

  #leaveOut(process: string): void {
    this.#known.add(process);
    const others = this.#failed.filter((each) => each.process !== process);
    this.#failedCount -= this.#failed.length - others.length;
    this.#failed = others;
  }

  /** A line for all that has none of its own. */
  #rest(): string[] {
    const older = this.#failedCount - this.#failed.length;
    const parts = [
      ...older > 0 ? [`${older} before them had failed`] : [],
      ...this.#succeededCount > 0 ? [succeeded(this.#succeededCount)] : [],
      ...this.#lost.length > 0 ? [`lost nodes: ${lostNames(this.#lost)}`] : [],
    ];
    return parts.length > 0 ? [`  ${parts.join("; ")}`] : [];
  }
}

/**
 * As many of the lines: those at the beginning, and more of those at the end, since a program says there
 * why it ended.
 */
function bothEnds(lines: readonly string[], count: number): readonly string[] {
  if (lines.length <= count) return lines;
  const beginning = Math.floor((count - 1) * BEGINNING);
  return [...lines.slice(0, beginning), "…", ...lines.slice(lines.length - count + 1 + beginning)];
}

/** The first line of an output, which may be before a text about its usage, and the last one. */
function firstAndLast(output: string): string[] {
  const lines = lastLines(output, Infinity);
  if (lines.length <= 2) return lines;
  return [lines[0]!, `… ${lines.at(-1)}`];
}

function succeeded(count: number): string {
  return `${count} other process${count === 1 ? "" : "es"} had ended with code 0`;
}

/** As many names as a line has room for. */
function lostNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown}, and ${names.length - 5} more` : shown;
}
