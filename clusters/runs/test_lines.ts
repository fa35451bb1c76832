import type { RunIndex, TestEntry } from "../record/mod.ts";
import { countOf, durationText } from "./run_summary.ts";
import { runState } from "./run_state.ts";

/** Tests of a run that are listed with it. */
const MAX_LISTED = 10;

/** Lines of each error that are shown. */
const MAX_ERROR_LINES = 20;

/** A line for each test of a run, those first that did not pass; of many, the rest is counted. */
export function testList(index: RunIndex): string[] {
  const tests = [...index.tests ?? []].sort((a, b) => rankOf(a) - rankOf(b));
  const shown = tests.slice(0, MAX_LISTED).map((test) => `  ${headOf(test, index)}`);
  const left = tests.length - shown.length;
  return left > 0 ? [...shown, `  and ${countOf(left, "test")} more`] : shown;
}

/** Lines about the tests of a run: those that did not pass say why. */
export function testDetails(index: RunIndex): string[] {
  return (index.tests ?? []).flatMap((test) => {
    const { errors = [], place = test.file, artifacts } = test.end ?? {};
    const where = place === undefined ? "" : ` (${place})`;
    const kept = artifacts === undefined ? [] : [`  artifacts are in ${artifacts}`];
    return ["", `${headOf(test, index)}${where}`, ...errors.flatMap(errorLines), ...kept];
  });
}

function headOf(test: TestEntry, index: RunIndex): string {
  const open = runState(index) === "running" ? "running" : "interrupted";
  const { verdict = open, time } = test.end ?? {};
  const took = time === undefined ? "" : ` after ${durationText(time - test.started)}`;
  return `test "${test.name}": ${verdict}${took}`;
}

function errorLines(error: string): string[] {
  const lines = String(error).split("\n");
  const shown = lines.slice(0, MAX_ERROR_LINES).map((line) => `  ${line}`);
  const left = lines.length - shown.length;
  return left > 0 ? [...shown, `  and ${countOf(left, "line")} more`] : shown;
}

/** The less it says that a test is all right, the earlier it comes. */
function rankOf({ end }: TestEntry): number {
  if (end?.verdict === "passed") return 2;
  return end?.verdict === "skipped" ? 1 : 0;
}
