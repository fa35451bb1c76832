import type { TestEnd, TestFailure } from "../record/mod.ts";
import { listOf } from "./event_facts.ts";
import { type SourceLine, sourceLines } from "./source_lines.ts";

/** Causes of a failure of which a report tells. */
const MAX_CAUSES = 8;

/** Frames of a stack in the author's file that are shown. */
const MAX_CALLERS = 6;

/** The path of a frame, and its line and column. */
const FRAME = /(?:file:\/\/)?(\/[^\s():]+):(\d+:\d+)\)?$/gm;

/** What failed, as a report tells it. */
export interface ReportedFailure {
  /** The name of the error and its message. */
  readonly text: string;
  /** Frames, a line each. */
  readonly stack?: string | undefined;
  /** Where in the author's code, as in `/tests/store_test.ts:70:5`. */
  readonly place?: string | undefined;
  readonly source: readonly SourceLine[];
  /** What has called that, in the same file, from the inside out. */
  readonly callers: readonly Caller[];
  /** What it came of: texts of errors. */
  readonly causes: readonly string[];
}

/** A line of the author's code that has called another one. */
export interface Caller {
  readonly place: string;
  readonly line: SourceLine;
}

/** What has failed, the test's own failure first; `place` in the code is that of the first. */
export function reportedFailures(
  { errors, failures, place, time }: Omit<TestEnd, "verdict">,
): ReportedFailure[] {
  const known = listOf<TestFailure>(failures);
  return listOf(errors).map((text, i) => {
    const failure = known[i];
    const recorded = failure && excerptOf(failure);
    const where = recorded?.place ?? (i === 0 ? place : undefined);
    return {
      ...{ text, stack: failure?.stack, place: where },
      source: recorded?.source ?? (where === undefined ? [] : sourceLines(where, time)),
      callers: where === undefined ? [] : callersOf(failure?.stack ?? "", { place: where, time }),
      causes: causesOf(failure).slice(0, MAX_CAUSES),
    };
  });
}

/** What a test is told to have failed with whose process was gone, and where it was last. */
export function interruption(
  [place, ...callers]: readonly string[],
  { text, time }: { readonly text: string; readonly time: number },
): ReportedFailure {
  const known = { text, place, causes: [] };
  if (place === undefined) return { ...known, source: [], callers: [] };
  return {
    ...known,
    source: sourceLines(place, time),
    callers: callersAt([place, ...callers], time),
  };
}

function excerptOf(
  { source }: TestFailure,
): { readonly place: string; readonly source: SourceLine[] } | undefined {
  if (!source) return undefined;
  const { file, line, column, first } = source;
  return {
    place: `${file}:${line}:${column}`,
    source: listOf(source.lines).map((text, i) => ({
      ...{ number: first + i, text, isPlace: first + i === line },
    })),
  };
}

/** The frames of a stack that are in the file of a place, behind that place. */
function callersOf(
  stack: string,
  { place, time }: { readonly place: string; readonly time: number },
): Caller[] {
  const file = place.replace(/:\d+:\d+$/, "");
  const places = [...stack.matchAll(FRAME)].map(([, path, where]) => `${decoded(path!)}:${where}`)
    .filter((each) => each.startsWith(`${file}:`));
  return callersAt(places.slice(Math.max(0, places.indexOf(place)), MAX_CALLERS), time);
}

/** A line of the author's code at a place; `undefined` where that cannot be read. */
export function callerAt(place: string, time: number): Caller | undefined {
  const line = sourceLines(place, time).find(({ isPlace }) => isPlace);
  return line && { place, line };
}

/** What has called the first of these places: those of which the code can be read, and each line once. */
function callersAt(places: readonly string[], time: number): Caller[] {
  const lineOf = (place: string) => place.replace(/:\d+$/, "");
  return places.filter((place, i) => i > 0 && lineOf(place) !== lineOf(places[i - 1]!))
    .flatMap((place) => callerAt(place, time) ?? []);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // An error may have any stack.
  }
}

function causesOf(failure: TestFailure | undefined): string[] {
  return listOf<TestFailure>(failure?.causes).flatMap((cause) => [
    [cause.name, cause.message].filter((text) => text).join(": "),
    ...causesOf(cause),
  ]);
}
