import { plainLine } from "./plain_line.ts";

/** Characters of a line that are shown, unless it is one of an error, which has its reason at its end. */
const MAX_LINE = 160;

/** Which lines are shown. */
export interface LastLinesOptions {
  /** How many of them. @default all */
  readonly count?: number;
  /** How many characters of each. @default 160 */
  readonly length?: number;
}

/** The last lines of an output, without empty ones, as they can be shown: nothing acts on a terminal. */
export function lastLines(
  output: string,
  { count = Infinity, length = MAX_LINE }: LastLinesOptions = {},
): string[] {
  const lines = output.split("\n").map((line) => plainLine(line, { colours: false }).trimEnd())
    .filter((line) => line !== "");
  return lines.slice(lines.length - Math.min(count, lines.length)).map((line) =>
    shortened(line, length)
  );
}

function shortened(line: string, length: number): string {
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
