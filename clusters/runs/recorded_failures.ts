import type { ClusterEvent } from "../events/mod.ts";
import { eventText } from "./event_text.ts";

/** Lines of an output that are shown of a command that failed. */
const LAST_LINES = 5;

/** Something that went wrong, as far as an event tells. */
export interface RecordedFailure {
  readonly time: number;
  /** What it was, and what was written last. */
  readonly lines: readonly string[];
}

/** What went wrong according to an event; `undefined` if it tells of nothing that did. */
export function failureOf(event: ClusterEvent): RecordedFailure | undefined {
  if (!tellsOfFailure(event)) return undefined;
  const { time } = event;
  const output = event.type === "command-ended" ? event.stderr || event.stdout || "" : "";
  return { time, lines: [eventText(event), ...lastLines(String(output))] };
}

/** The last lines of a text; none of one that is empty. */
export function lastLines(text: string, count: number = LAST_LINES): string[] {
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
