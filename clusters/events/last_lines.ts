import { plainLine } from "./plain_line.ts";

/** Characters of a line that are shown. */
const MAX_LINE = 160;

/** The last lines of an output, without empty ones, as they can be shown: nothing acts on a terminal. */
export function lastLines(output: string, count: number): string[] {
  const lines = output.split("\n").map((line) => plainLine(line, { colours: false }).trimEnd())
    .filter((line) => line !== "");
  return lines.slice(lines.length - Math.min(count, lines.length)).map(shortened);
}

function shortened(line: string): string {
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
}
