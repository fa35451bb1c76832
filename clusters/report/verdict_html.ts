import { countOf } from "../runs/mod.ts";
import { milliseconds } from "./event_facts.ts";
import { madeHtml } from "./made_html.ts";
import { type Html, markup } from "./markup.ts";
import type { MissingArtifacts } from "./moments.ts";
import { conditionsHtml, momentHtml, repeatedHtml } from "./moment_html.ts";
import type { ReportedFailure } from "./reported_failures.ts";
import type { SourceLine } from "./source_lines.ts";
import type { TestReport } from "./test_report.ts";
import { timeHtml } from "./time_html.ts";
import { limitHtml } from "./used_html.ts";

/** Tests that passed, or were skipped, of which each has a line of its own. */
const MAX_PASSED = 500;

/** Nodes without artifacts, of which a test tells, and reasons of each. */
const [MAX_MISSING, MAX_ERRORS] = [20, 5];

/** What became of the tests of a run, to be read without any script. */
export function verdictHtml(tests: readonly TestReport[]): Html {
  const isQuiet = ({ verdict }: TestReport) => ["ended", "passed", "skipped"].includes(verdict);
  const loud = tests.filter((test) => !isQuiet(test));
  return markup`${loud.map(testHtml)}${quietHtml(tests.filter(isQuiet))}`;
}

function quietHtml(tests: readonly TestReport[]): Html | undefined {
  if (tests.length === 0) return undefined;
  const shown = tests.slice(0, MAX_PASSED).map((test) => markup`<li>${headHtml(test)}</li>`);
  const left = tests.length - shown.length;
  const more = left > 0 ? markup`<li>and ${countOf(left, "test")} more</li>` : undefined;
  return markup`<ul class="passed">${shown}${more}</ul>`;
}

function testHtml(test: TestReport): Html {
  const { verdict, failures, rerun, artifacts, missingArtifacts } = test;
  const kept = artifacts === undefined
    ? undefined
    : markup`<p>Its artifacts are in <code>${artifacts}</code>.</p>`;
  return markup`<article class="test ${verdict}"><h2>${headHtml(test)}</h2>
${failures.map((failure, i) => failureHtml(failure, { i, test }))}
${kept}${missingArtifacts.slice(0, MAX_MISSING).map(missingHtml)}
<h3>Run it again</h3>
<pre class="command"><code>${rerun}</code></pre>
${momentHtml(test, { ...momentTitles(test), said: failures[0]?.text })}
${madeHtml(test.made)}</article>`;
}

/** A node that was lost may have taken its files with it. */
function missingHtml({ node, files, errors }: MissingArtifacts): Html {
  const how = files === 0 ? "no" : "not all";
  return markup`<p>It has ${how} artifacts of <strong>${node}</strong>: ${
    errors.slice(0, MAX_ERRORS).join("; ")
  }</p>`;
}

/** Of a test that was interrupted nobody knows at which moment. */
function momentTitles(
  { verdict, call }: TestReport,
): { readonly title: string; readonly latest: string } {
  if (verdict !== "failed") {
    return { title: "Under way when the record ends", latest: "The latest events before" };
  }
  const latest = call ? "The latest events before the end of the test" : "The latest events before";
  return { title: "Under way at that moment", latest };
}

function headHtml({ name, verdict, start, end, cluster, backend }: TestReport): Html {
  const made = cluster === undefined ? "" : ", with the making of its cluster,";
  const took = end === undefined ? "" : ` after ${seconds(end - start)}${made}`;
  const where = cluster === undefined ? "" : ` in ${cluster} on ${backend}`;
  return markup`<span class="verdict ${verdict}">${verdict}</span> ${name}<small>${took}${where}</small>`;
}

function failureHtml(
  { text, place, source, callers, stack, causes }: ReportedFailure,
  { i, test }: { readonly i: number; readonly test: TestReport },
): Html {
  const title = i === 1 ? markup`<h3>After that</h3>` : undefined;
  const at = i === 0 ? placeTitle(test) : "At";
  const where = place === undefined ? undefined : markup`<p>${at} <code>${place}</code>:</p>`;
  const code = source.length === 0
    ? undefined
    : markup`<pre class="source">${source.map(lineHtml)}</pre>`;
  const calls = callers.map(({ place, line }) =>
    markup`<p>called at <code>${place}</code>:</p><pre class="source">${lineHtml(line)}</pre>`
  );
  const because = causes.map((cause) =>
    markup`<p>Because of:</p><pre class="error">${cause}</pre>`
  );
  const frames = stack
    ? markup`<details><summary>Stack</summary><pre>${stack}</pre></details>`
    : undefined;
  return markup`${title}<pre class="error">${text}</pre>${
    i === 0 ? whenHtml(test) : undefined
  }${because}${where}${code}${calls}${i === 0 ? waitHtml(test) : undefined}${frames}`;
}

/** What the line is that is shown first. */
function placeTitle({ verdict, failures: [failure] }: TestReport): string {
  if (verdict === "interrupted") return "The latest call was made at";
  // It is the process that has ended, and not what the test was doing then.
  const isProcess = String(failure?.text).startsWith("EssentialProcessError");
  return isProcess ? "The process was started at" : "At";
}

/** Where the test was waiting, if that is another line than the one that has failed. */
function waitHtml({ cluster, wait, failures: [failure] }: TestReport): Html | undefined {
  if (!wait || lineOf(wait.caller?.place) === lineOf(failure?.place)) return undefined;
  const { span, node, caller } = wait;
  const said = markup`The test was waiting for <code>${span.label}</code> since ${
    timeHtml(span.start, { cluster, node, kind: "wait" })
  }`;
  if (!caller) return markup`<p>${said}.</p>`;
  return markup`<p>${said} at <code>${caller.place}</code>:</p><pre class="source">${
    lineHtml(caller.line)
  }</pre>`;
}

function lineOf(place: string | undefined): string | undefined {
  return place === undefined ? undefined : String(place).replace(/:\d+$/, "");
}

/** When it was, and in what part of the test. */
function whenHtml(test: TestReport): Html {
  const { verdict, cluster, moment, call, steps, ended } = test;
  const known = verdict === "interrupted" ? "The latest that is known of it was" : "That was";
  const tests = { cluster, node: "" };
  const failed = call
    ? { cluster, node: call.node, kind: call.span.kind, process: call.span.process }
    : undefined;
  const within = steps.map(({ label, start }) =>
    markup`, in step <strong>${label}</strong>, which began at ${
      timeHtml(start, { ...tests, kind: "step" })
    }`
  );
  const limits = ended.flatMap(({ memory }) => memory ? [limitHtml(memory)] : []).slice(0, 1);
  const after = call && Math.round(call.until) > Math.round(moment)
    ? markup` The test ended at ${timeHtml(call.until, { ...tests, kind: "test" })}.`
    : undefined;
  return markup`<p>${known} ${
    timeHtml(moment, failed)
  } after the start of the run${within}${limits}.${after}</p>${conditionsHtml(test)}${
    repeatedHtml(test)
  }`;
}

function lineHtml({ number, text, isPlace }: SourceLine): Html {
  const line = `${String(number).padStart(5)}  ${text}`;
  return isPlace ? markup`<mark>${line}</mark>\n` : markup`${line}\n`;
}

function seconds(time: number): string {
  return milliseconds(Math.max(0, time));
}
