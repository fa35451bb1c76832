import { countOf } from "../runs/mod.ts";
import { milliseconds } from "./event_facts.ts";
import { type Html, markup } from "./markup.ts";
import type { ReportedFailure } from "./reported_failures.ts";
import type { SourceLine } from "./source_lines.ts";
import type { OngoingOfNode, ReportedProcess, TestReport } from "./test_report.ts";

/** Tests that passed, or were skipped, of which each has a line of its own. */
const MAX_PASSED = 500;

/** Characters of a command that a line has. */
const MAX_COMMAND = 160;

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
  const { verdict, failures, ongoing, latest, rerun, artifacts } = test;
  const events = latest.map(({ time, text }) => markup`<li>${timeHtml(time)} ${text}</li>`);
  const kept = artifacts === undefined
    ? undefined
    : markup`<p>Its artifacts are in <code>${artifacts}</code>.</p>`;
  return markup`<article class="test ${verdict}"><h2>${headHtml(test)}</h2>
${failures.map((failure, i) => failureHtml(failure, { i, test }))}
${partHtml("Under way at that moment", ongoing.map(ongoingHtml))}
${partHtml("Processes that had ended before, and not with code 0", endedItems(test))}
${partHtml("The latest events before", events)}
${kept}
<h3>Run it again</h3>
<pre class="command"><code>${rerun}</code></pre></article>`;
}

function headHtml({ name, verdict, start, end, cluster, backend }: TestReport): Html {
  const took = end === undefined ? "" : ` after ${seconds(end - start)}`;
  const where = cluster === undefined ? "" : ` ${cluster} on ${backend}`;
  return markup`<span class="verdict ${verdict}">${verdict}</span> ${name}<small>${took}${where}</small>`;
}

function failureHtml(
  { text, place, source, callers, stack, causes }: ReportedFailure,
  { i, test }: { readonly i: number; readonly test: TestReport },
): Html {
  const title = i === 1 ? markup`<h3>After that</h3>` : undefined;
  const when = i === 0 ? markup`, ${timeHtml(test.moment)} after the start of the run` : undefined;
  const where = place === undefined ? undefined : markup`<p>At <code>${place}</code>${when}:</p>`;
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
  return markup`${title}<pre class="error">${text}</pre>${because}${where}${code}${calls}${frames}`;
}

function lineHtml({ number, text, isPlace }: SourceLine): Html {
  const line = `${String(number).padStart(5)}  ${text}`;
  return isPlace ? markup`<mark>${line}</mark>\n` : markup`${line}\n`;
}

function endedItems({ ended, endedMore }: TestReport): Html[] {
  const items = ended.map((process) => markup`<li>${processHtml(process)}</li>`);
  if (endedMore === 0) return items;
  return [...items, markup`<li>and ${endedMore} more before these</li>`];
}

function ongoingHtml({ node, things, more }: OngoingOfNode): Html {
  return markup`<li><strong>${node || "in the cluster"}</strong><ul>
    ${things.map((thing) => markup`<li>${processHtml(thing)}</li>`)}
    ${more > 0 ? markup`<li>and ${more} more</li>` : undefined}
  </ul></li>`;
}

function processHtml({ node, span, lines, isOpen }: ReportedProcess): Html {
  const { kind, start, end = start, label, facts = [], process } = span;
  const name = process === undefined ? kind : `process ${process}`;
  const fact = (wanted: string) => facts.find(([each]) => each === wanted)?.[1];
  const why = fact("why");
  const fate = isOpen
    ? markup`since ${timeHtml(start)}`
    : markup`ended ${fact("ended")}${why === undefined ? "" : `; ${why}`}, at ${timeHtml(end)}`;
  const what = label === kind ? undefined : markup` <code>${shortened(label)}</code>`;
  return markup`${isOpen ? "" : `${node}: `}${name}${what} ${fate}${
    lines.length === 0 ? undefined : markup`<pre class="output">${lines.join("\n")}</pre>`
  }`;
}

function partHtml(title: string, items: readonly Html[]): Html | undefined {
  return items.length === 0 ? undefined : markup`
    <h3>${title}</h3>
    <ul>${items}</ul>
  `;
}

/** A moment, as a link to it on the time line. */
function timeHtml(time: number): Html {
  const text = (time / 1000).toFixed(3);
  return markup`<a href="#t=${text}">${text} s</a>`;
}

function seconds(time: number): string {
  return milliseconds(Math.max(0, time));
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > MAX_COMMAND ? `${line.slice(0, MAX_COMMAND - 1)}…` : line;
}
