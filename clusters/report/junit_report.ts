// deno-lint-ignore-file no-control-regex -- it is about control characters
import { isAbsolute, relative } from "node:path";
import type { RunReport } from "./run_report.ts";
import type { TestReport } from "./test_report.ts";

/** What XML cannot have in it, not even escaped. */
const FORBIDDEN =
  /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What changes the colours of a terminal. */
const COLOUR = /\x1b\[[0-9;]*m/g;

/** The verdicts of a run as JUnit's XML, which servers of continuous integration read. */
export function junitReport({ run, tests, data }: RunReport): string {
  const told = tests.filter(({ verdict }) => verdict !== "ended");
  const failed = told.filter(isFailure).length;
  const skipped = told.filter(({ verdict }) => verdict === "skipped").length;
  const totals = `tests="${told.length}" failures="${failed}" errors="0" skipped="${skipped}" ` +
    `time="${secondsOf(data.duration)}"`;
  const time = new Date(data.started).toISOString();
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="clustertest" ${totals}>`,
    `  <testsuite name="${escaped(run.id)}" timestamp="${time}" ${totals}>`,
    ...told.map((test) => testCase(test, run.index.cwd)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** Servers know a test again by its class and its name: so its class is its file, and no cluster of the day. */
function testCase(test: TestReport, cwd: string): string {
  const { name, cluster = "no cluster", start, end = test.moment } = test;
  const file = test.file === undefined ? undefined : below(cwd, test.file);
  const time = secondsOf(Math.max(0, end - start));
  const where = file === undefined ? "" : ` file="${escaped(file)}"`;
  const head = `    <testcase name="${escaped(name)}" classname="${
    escaped(file ?? cluster)
  }"${where} time="${time}"`;
  if (test.verdict === "skipped") return `${head}><skipped/></testcase>`;
  if (!isFailure(test)) return `${head}/>`;
  const message = test.failures[0]?.text.split("\n")[0] ?? test.verdict;
  return `${head}><failure message="${escaped(message)}">${
    escaped(failureText(test))
  }</failure></testcase>`;
}

function failureText({ failures, rerun }: TestReport): string {
  const texts = failures.flatMap(({ text, place }) => [text, ...place ? [`at ${place}`] : []]);
  return [...texts, `again: ${rerun}`].join("\n");
}

/** A path as it is from a folder on, if it is in there. */
function below(folder: string, path: string): string {
  const inner = relative(folder, path);
  return inner.startsWith("..") || isAbsolute(inner) ? path : inner;
}

function isFailure({ verdict }: TestReport): boolean {
  return verdict === "failed" || verdict === "interrupted";
}

function secondsOf(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

function escaped(text: string): string {
  return text.replaceAll(COLOUR, "").replaceAll(FORBIDDEN, "\ufffd")
    .replaceAll(/[&<>"'\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
