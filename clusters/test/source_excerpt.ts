import type { SourceExcerpt } from "../record/mod.ts";

/** Lines before the one that it is about, and as many behind it. */
const CONTEXT = 5;

/** Characters of each line. */
const MAX_LINE = 500;

/** Bytes of a file that is read: code that people write is smaller. */
const MAX_FILE = 4 * 1024 * 1024;

/** What code is in: a stack may name any file, and that of an error may be made up. */
const CODE = /\.[cm]?[jt]sx?$/;

/**
 * The code around a place such as `/tests/store_test.ts:70:5`; `undefined` if that is no file of code
 * on this machine, or has no such line.
 */
export function sourceExcerpt(place: string): SourceExcerpt | undefined {
  const [, file = "", line, column] = /^(\/.*):(\d+):(\d+)$/.exec(place) ?? [];
  const text = CODE.test(file) ? textOf(file) : undefined;
  const all = text?.split(/\r?\n/) ?? [];
  const number = Number(line);
  if (!(number >= 1 && number <= all.length)) return undefined;
  const first = Math.max(1, number - CONTEXT);
  const lines = all.slice(first - 1, number + CONTEXT).map((each) => each.slice(0, MAX_LINE));
  return { file, line: number, column: Number(column), first, lines };
}

function textOf(file: string): string | undefined {
  try {
    const { isFile, size } = Deno.statSync(file);
    return isFile && size <= MAX_FILE ? Deno.readTextFileSync(file) : undefined;
  } catch {
    return undefined; // It is of another machine, or was removed.
  }
}
