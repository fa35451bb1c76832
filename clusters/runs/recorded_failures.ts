import type { ClusterEvent } from "../events/mod.ts";
import { eventText } from "./event_text.ts";
import { countOf } from "./run_summary.ts";

/** Lines that are shown of the output of a command that failed, and of an error behind its first. */
const LAST_LINES = 5;

/** Something that went wrong, as far as an event tells. */
export interface RecordedFailure {
  readonly time: number;
  /** What it was, and what was written last. */
  readonly lines: readonly string[];
}

/** What went wrong according to an event; `undefined` if it tells of nothing that did. */
export function recordedFailure(event: ClusterEvent): RecordedFailure | undefined {
  if (!tellsOfFailure(event) || isAbortedTunnel(event)) return undefined;
  const { time } = event;
  const [first = "", ...others] = eventText(event).split("\n");
  const output = event.type === "command-ended" ? event.stderr || event.stdout || "" : "";
  return { time, lines: [first, ...firstLines(others), ...finalLines(String(output))] };
}

/** Whether it tells that a tunnel was given up, of which one has many: a wait opens one for each try. */
export function isAbortedTunnel(event: ClusterEvent): boolean {
  return event.type === "tunnel-closed" && String(event.error).startsWith("AbortError");
}

/** What an error says first, without lines that are empty. */
function firstLines(lines: readonly string[]): string[] {
  const said = lines.filter((line) => line.trim() !== "");
  const left = said.length - LAST_LINES;
  return [...said.slice(0, LAST_LINES), ...left > 0 ? [`and ${countOf(left, "line")} more`] : []];
}

/** The last lines of a text; none of one that is empty. */
export function finalLines(text: string, count: number = LAST_LINES): string[] {
  const lines = text.trimEnd().split("\n").slice(-count);
  return lines.join("") === "" ? [] : lines;
}

function tellsOfFailure(event: ClusterEvent): boolean {
  switch (event.type) {
    case "command-ended":
      return event.code !== 0;
    case "cluster-disposed":
      return event.errors?.length > 0;
    case "node-lost":
    case "nodes-failed":
    case "warning":
      return true;
    default:
      // Whatever else failed says why.
      return "error" in event && event.error !== undefined;
  }
}
