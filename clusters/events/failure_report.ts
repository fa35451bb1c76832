import { EndedProcesses } from "./ended_processes.ts";
import type { ClusterEvent } from "./events.ts";
import { FaultsInForce } from "./faults_in_force.ts";
import { lastLines } from "./last_lines.ts";
import { plainText } from "./plain_line.ts";

/** The event of a type. */
type Of<T extends ClusterEvent["type"]> = Extract<ClusterEvent, { type: T }>;

/** Characters of a line of the error: what a wait has seen last, and why, is at its end. */
const ERROR_LENGTH = 600;

/** Lines of a report, and of those at most about processes that run. */
const [MAX_LINES, RUNNING_LINES] = [15, 6];

/** The part of the lines of a text that is for its beginning, when it has to be cut. */
const BEGINNING = 1 / 3;

/**
 * A few lines about a failed test: its error, the faults that were in force, the processes that had ended,
 * and where the record is. The error gets the lines that the others leave. It listens to the events from
 * the beginning, since at the time of the failure it is too late to ask what happened before.
 */
export class FailureReport {
  readonly #faults = new FaultsInForce();
  readonly #ended = new EndedProcesses();
  #lost: string[] = [];

  /** Notes what happened. */
  take(event: ClusterEvent): void {
    if (event.type === "test-started") this.#forget();
    if (event.type === "node-lost") this.#lost.push(event.node);
    this.#faults.take(event);
    this.#ended.take(event);
  }

  /** The lines about a test that has failed. */
  lines({ test, error = "", running = [], record, time }: Of<"test-ended">): string[] {
    const [first = "", ...more] = lastLines(error, { length: ERROR_LENGTH });
    // What runs where a wait took too long says more than what has ended elsewhere.
    const count = running.length > 0 ? 1 : undefined;
    const inForce = this.#faults.line({ error, time });
    const others = [
      ...inForce === undefined ? [] : [inForce],
      ...bothEnds(running.map(plainText), RUNNING_LINES),
      ...this.#ended.lines(count).filter((line) => !isToldIn(more, line)),
      ...this.#rest(count),
      ...record === undefined ? [] : [`record: ${record}`],
    ];
    const rest = bothEnds(more, MAX_LINES - 1 - others.length);
    const indented = [...rest, ...others].map((line) => `  ${line}`);
    return [`test "${plainText(test)}" failed: ${first}`, ...indented];
  }

  #forget(): void {
    this.#lost = [];
    this.#faults.forget();
    this.#ended.forget();
  }

  /** A line for all that has none of its own. */
  #rest(count: number | undefined): string[] {
    const lost = this.#lost.length > 0 ? [`lost nodes: ${lostNames(this.#lost)}`] : [];
    const parts = [...this.#ended.rest(count), ...lost];
    return parts.length > 0 ? [parts.join("; ")] : [];
  }
}

/** Whether a line of a report is of an output, and the error has that line, too. */
function isToldIn(error: readonly string[], line: string): boolean {
  const [, text] = /^ {2}\| (?:… )?(.*)$/.exec(line) ?? [];
  return text !== undefined && error.some((each) => each.trim() === text.trim());
}

/**
 * Shortens a text to `count` lines: a third from its beginning, and the rest from its end, where programs say
 * why they ended.
 */
function bothEnds(lines: readonly string[], count: number): readonly string[] {
  if (lines.length <= count) return lines;
  const beginning = Math.floor((count - 1) * BEGINNING);
  return [...lines.slice(0, beginning), "…", ...lines.slice(lines.length - count + 1 + beginning)];
}

/** As many names as a line has room for. */
function lostNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown}, and ${names.length - 5} more` : shown;
}
