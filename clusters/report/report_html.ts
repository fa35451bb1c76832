import { relative } from "node:path";
import { clusterRecordFolder, countOf, runDuration, runState } from "../runs/mod.ts";
import { milliseconds } from "./event_facts.ts";
import { Html, markup } from "./markup.ts";
import { packedData } from "./packed_data.ts";
import { PAGE_SCRIPT, PAGE_STYLE } from "./page_bundle.ts";
import type { RunReport } from "./run_report.ts";
import { verdictHtml } from "./verdict_html.ts";

/** Clusters of which files have links. */
const MAX_CLUSTERS = 20;

/** What is to be known of a report that a test has written. */
const GOES_ON =
  "Written when a test had failed, before the run ended: what came after that is not in it.";

/**
 * The report as one page that opens without a network: what failed is in it as HTML, and the rest as data
 * for the page's own script, the only one that its policy lets run.
 */
export async function reportHtml(report: RunReport): Promise<string> {
  const { run, tests, data } = report;
  const { index, id } = run;
  const policy = [
    "default-src 'none'",
    `script-src '${await hashOf(PAGE_SCRIPT)}'`,
    `style-src '${await hashOf(PAGE_STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const state = stateOf(report);
  const { clustertest, deno, os, arch } = index.versions ?? {};
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${state}: ${titleOf(report)}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1><span class="verdict ${state}">${state}</span> ${titleOf(report)}</h1>
<p>Run <code>${id}</code>: ${lengthText(report)} from ${isoTime(data.started)}, ${
    countsText(report)
  }</p>
<p><code>${index.command.join(" ")}</code> in <code>${index.cwd}</code></p>
<p>clustertest ${clustertest}, Deno ${deno}, ${os}, ${arch}</p>
${runState(index) === "running" ? markup`<p>${GOES_ON}</p>` : undefined}
${data.omitted.map((sentence) => markup`<p class="omitted">${sentence}</p>`)}
</header>
<main>
<section id="verdict" aria-label="Verdict">${verdictHtml(tests)}</section>
<div id="interactive" hidden></div>
<noscript><p>Time line, metrics and logs need scripts. ${filesHtml(run)}</p></noscript>
</main>
<script type="text/plain" id="data">${new Html(await packedData(data))}</script>
<script>${new Html(PAGE_SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

/** Where all of it is, for those who read files: as links, for a browser lists folders of a disk. */
function filesHtml(run: RunReport["run"]): Html {
  const { index: { clusters }, folder } = run;
  const shown = clusters.slice(0, MAX_CLUSTERS).map((entry) => {
    const { folder: name } = entry;
    const path = relative(folder, clusterRecordFolder(run, entry));
    return markup`; of a cluster in <code>${name}</code>: ${fileLink(`${path}/events.jsonl`)}, ${
      fileLink(`${path}/output/`)
    } by node and process, ${fileLink(`${path}/metrics/`)} by node`;
  });
  const left = clusters.length - shown.length;
  const more = left > 0 ? `; and likewise for ${left} more` : "";
  return markup`All of it is in files beside this one: ${fileLink("run.json")}${shown}${more}.`;
}

/** A link to what is beside the page, wherever that is; it is called by the last part of its path. */
function fileLink(path: string): Html {
  const parts = path.split("/");
  const name = parts.at(-1) === "" ? `${parts.at(-2)}/` : parts.at(-1);
  const href = `./${parts.map((part) => encodeURIComponent(part.toWellFormed())).join("/")}`;
  return markup`<a href="${href}"><code>${name}</code></a>`;
}

/** A test that has failed is known of before its run is over. */
function stateOf({ run: { index }, tests }: RunReport): string {
  const worst = (["failed", "interrupted"] as const)
    .find((each) => tests.some(({ verdict }) => verdict === each));
  return worst ?? runState(index);
}

/** Among the tabs of a browser a test is found by its name. */
function titleOf({ run: { id }, tests }: RunReport): string {
  const [first, ...others] = tests.filter(({ verdict }) =>
    verdict === "failed" || verdict === "interrupted"
  );
  if (!first) return id;
  return others.length > 0 ? `${first.name} and ${others.length} more` : first.name;
}

/** With as many digits as those of tests have, which are a part of it. */
function lengthText({ run: { index }, data }: RunReport): string {
  const duration = runDuration(index);
  // Its index is written when its first test has begun already.
  return duration === undefined ? "?" : milliseconds(duration + index.started - data.started);
}

function countsText({ run: { index }, tests }: RunReport): string {
  const nodes = index.clusters.reduce((sum, cluster) => sum + cluster.nodes.length, 0);
  const verdicts = [...Map.groupBy(tests, ({ verdict }) => verdict)]
    .map(([verdict, { length }]) => `${length} ${verdict}`);
  return [...verdicts, countOf(index.clusters.length, "cluster"), countOf(nodes, "node")].join(
    ", ",
  );
}

function isoTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "an unknown time" : date.toISOString();
}

/** How a policy names a script or a style that is in the page. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${new Uint8Array(digest).toBase64()}`;
}
