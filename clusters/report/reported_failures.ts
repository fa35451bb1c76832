import type { TestEnd, TestFailure } from "../record/mod.ts";
import { listOf } from "./event_facts.ts";
import { type SourceLine, sourceLines } from "./source_lines.ts";

/** Causes of a failure of which a report tells. */
const MAX_CAUSES = 8;

/** What failed, as a report tells it. */
export interface ReportedFailure {
  /** The name of the error and its message. */
  readonly text: string;
  /** Frames, a line each. */
  readonly stack?: string | undefined;
  /** Where in the author's code, as in `/tests/store_test.ts:70:5`. */
  readonly place?: string | undefined;
  readonly source: readonly SourceLine[];
  /** What it came of: texts of errors. */
  readonly causes: readonly string[];
}

/** What has failed, the test's own failure first; `place` in the code is that of the first. */
export function reportedFailures(
  { errors, failures, place, time }: TestEnd,
): ReportedFailure[] {
  const known = listOf<TestFailure>(failures);
  return listOf(errors).map((text, i) => {
    const failure = known[i];
    const recorded = failure && excerptOf(failure);
    const where = recorded?.place ?? (i === 0 ? place : undefined);
    return {
      ...{ text, stack: failure?.stack, place: where },
      source: recorded?.source ?? (where === undefined ? [] : sourceLines(where, time)),
      causes: causesOf(failure).slice(0, MAX_CAUSES),
    };
  });
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

function causesOf(failure: TestFailure | undefined): string[] {
  return listOf<TestFailure>(failure?.causes).flatMap((cause) => [
    [cause.name, cause.message].filter((text) => text).join(": "),
    ...causesOf(cause),
  ]);
}
