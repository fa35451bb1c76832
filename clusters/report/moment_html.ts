import { milliseconds } from "./event_facts.ts";
import type { LatestEvent } from "./latest_events.ts";
import { type Html, markup } from "./markup.ts";
import type { NodeUse } from "./node_use.ts";
import type { OngoingOfNode, ReportedProcess, StateAtMoment } from "./state_at_moment.ts";
import { timeHtml } from "./time_html.ts";

/** Characters of a command that a line has. */
const MAX_COMMAND = 160;

/** Lines of what was measured of a fault that are shown. */
const MAX_PROOF = 4;

/** What a cluster was like at a moment, to be read without any script. */
export function momentHtml(state: StateAtMoment): Html {
  const { ongoing, latest } = state;
  const ended = state.ended.map((process) => markup`<li>${processHtml(process)}</li>`);
  const more = moreHtml(state.endedMore, "process", "processes");
  return markup`${partHtml("Under way at that moment", ongoing.map(ongoingHtml))}
${partHtml("Processes that had ended before, and not with code 0", [...ended, ...more])}
${partHtml("The latest events before", latest.map(eventHtml))}
${usedHtml(state)}`;
}

function partHtml(title: string, items: readonly Html[]): Html | undefined {
  return items.length === 0 ? undefined : markup`
    <h3>${title}</h3>
    <ul>${items}</ul>
  `;
}

function ongoingHtml({ node, things, more }: OngoingOfNode): Html {
  return markup`<li><strong>${node || "in the cluster"}</strong><ul>
    ${things.map((thing) => markup`<li>${processHtml(thing)}</li>`)}
    ${moreHtml(more, "other thing", "other things")}
  </ul></li>`;
}

function processHtml(process: ReportedProcess): Html {
  const { node, span: { kind, label, process: number }, lines, isOpen } = process;
  const name = number === undefined ? kind : `process ${number}`;
  const what = label === kind ? undefined : markup` <code>${shortened(label)}</code>`;
  const wrote = lines.length === 0
    ? undefined
    : markup`<pre class="output">${lines.join("\n")}</pre>`;
  return markup`${isOpen ? "" : `${node}: `}${name}${what} ${
    isOpen ? openHtml(process) : endedHtml(process)
  }${wrote}`;
}

/** Since when it went on; of a wait until when it may, of a fault what probes have shown. */
function openHtml(
  { node, cluster, elapsed, span: { kind, start, facts = [] } }: ReportedProcess,
): Html {
  const about = kind === "fault" ? "measured when injected" : kind === "down" ? "what" : "";
  const [, text] = facts.find(([name]) => name === about) ?? [];
  const lines = text?.split("\n") ?? [];
  const more = lines.length - MAX_PROOF;
  const shown = [...lines.slice(0, MAX_PROOF), ...more > 0 ? [`and ${more} more checks`] : []];
  const proof = shown.length === 0
    ? undefined
    : markup`<pre class="output">${shown.join("\n")}</pre>`;
  const [place] = facts.find(([name]) => name === "called at")?.[1].split("\n") ?? [];
  const called = place === undefined ? undefined : markup` <small>called at ${place}</small>`;
  const [, most] = facts.find(([name]) => name === "fails after") ?? [];
  const limit = most === undefined ? "" : ` of at most ${most}`;
  return markup`since ${timeHtml(start, { cluster, node })}, for ${
    milliseconds(elapsed)
  }${limit}${called}${proof}`;
}

function endedHtml({ node, cluster, span, count, since }: ReportedProcess): Html {
  const { start, end = start, facts = [] } = span;
  const fact = (wanted: string) => facts.find(([each]) => each === wanted)?.[1];
  const why = fact("why");
  const others = count === 1
    ? undefined
    : markup`, the latest of ${count} that ended so from ${timeHtml(since, { cluster, node })} on`;
  return markup`ended ${fact("ended")} after ${fact("took")}${
    why === undefined ? "" : `; ${why}`
  }, at ${timeHtml(end, { cluster, node })}${others}`;
}

function eventHtml({ time, since, count, text }: LatestEvent): Html {
  const others = count === 1
    ? undefined
    : markup` <small>the latest of ${count} such events from ${timeHtml(since)} on</small>`;
  return markup`<li>${timeHtml(time)} ${text}${others}</li>`;
}

function usedHtml({ used, usedMore }: StateAtMoment): Html | undefined {
  if (used.length === 0) return undefined;
  const more = usedMore === 0
    ? undefined
    : markup`<p>and ${usedMore} more nodes, which used less of their memory</p>`;
  return markup`<h3>What nodes used, when they were last measured before</h3>
<table><thead><tr><th>node</th><th>at</th><th>processors</th><th>memory</th><th>its peak</th><th>its limit</th><th>open files</th></tr></thead>
<tbody>${used.map(useHtml)}</tbody></table>${more}`;
}

function useHtml(
  { node, time, error, cpu, memory, memoryPeak, memoryLimit, files }: NodeUse,
): Html {
  const part = (bytes: number | undefined) =>
    bytes === undefined || memoryLimit === undefined
      ? ""
      : ` (${Math.round(bytes / memoryLimit * 100)} %)`;
  const cells = [
    cpu === undefined ? "" : cpu.toFixed(2),
    `${bytesText(memory)}${part(memory)}`,
    `${bytesText(memoryPeak)}${part(memoryPeak)}`,
    bytesText(memoryLimit),
    files ?? "",
  ];
  return markup`<tr><th>${node}</th><td>${timeHtml(time)}${
    error === undefined ? "" : ` ± ${error} ms`
  }</td>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>`;
}

function moreHtml(count: number, one: string, many: string): Html[] {
  return count === 0 ? [] : [markup`<li>and ${count} ${count === 1 ? one : many} more</li>`];
}

/** As in `12.3 MiB`. */
function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** power).toPrecision(4))} ${units[power]}`;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > MAX_COMMAND ? `${line.slice(0, MAX_COMMAND - 1)}…` : line;
}
