/** Lines that are shown before and after the one in question. */
const AROUND = 3;

/** Characters of a line that are shown. */
const MAX_LINE = 200;

/** Bytes of a file that is read for its lines. */
const MAX_FILE = 4 * 1024 * 1024;

/** A line of a file. */
export interface SourceLine {
  readonly number: number;
  readonly text: string;
  /** Whether it is the line in question. */
  readonly isPlace: boolean;
}

/**
 * The lines around a place such as `/tests/store_test.ts:70:5`, from the file as it is now; none if that
 * is not there, or was changed after `time`, when it may not be what was run.
 */
export function sourceLines(place: string, time: number): SourceLine[] {
  const [, path, line] = /^(\/.*?):(\d+)(?::\d+)?$/.exec(place) ?? [];
  if (path === undefined) return [];
  const lines = linesOf(path, time);
  const number = Number(line);
  if (number < 1 || number > lines.length) return [];
  const first = Math.max(1, number - AROUND);
  return lines.slice(first - 1, number + AROUND).map((text, i) => ({
    number: first + i,
    text: text.slice(0, MAX_LINE),
    isPlace: first + i === number,
  }));
}

function linesOf(path: string, time: number): string[] {
  try {
    const { isFile, size, mtime } = Deno.statSync(path);
    if (!isFile || size > MAX_FILE || mtime !== null && mtime.getTime() > time) return [];
    return Deno.readTextFileSync(path).split("\n");
  } catch {
    return []; // It is of another machine, or was removed.
  }
}
