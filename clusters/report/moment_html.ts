import { countOf } from "../runs/mod.ts";
import { milliseconds } from "./event_facts.ts";
import type { LatestEvent } from "./latest_events.ts";
import { levelOf } from "./line_level.ts";
import { type Html, markup } from "./markup.ts";
import type { WrittenLine } from "./last_lines_of.ts";
import {
  isCondition,
  type OngoingOfNode,
  type ReportedProcess,
  type StateAtMoment,
} from "./state_at_moment.ts";
import { type LinkedThing, timeHtml } from "./time_html.ts";
import { limitHtml, usedHtml } from "./used_html.ts";

/** Characters of a command that a line has. */
const MAX_COMMAND = 160;

/** Faults and nodes that are down, of which one sentence tells. */
const MAX_CONDITIONS = 5;

/** How often something has to end in the same way to be told of first. */
const MIN_REPEATED = 3;

/** Lines of what was measured of a fault that are shown. */
const MAX_PROOF = 4;

/** Characters of a failure by which it is recognized in a line that repeats it. */
const MIN_SAID = 40;

/**
 * What a cluster was like at a moment, to be read without any script. `title` says which moment it is, and
 * `said` is the failure that was told before, which events are not to tell again.
 */
export function momentHtml(
  state: StateAtMoment,
  { title, latest: latestTitle, said }: {
    readonly title: string;
    /** The same of the latest events. */
    readonly latest: string;
    readonly said: string | undefined;
  },
): Html {
  const { ongoing } = state;
  const latest = state.latest.map((event) => ({ ...event, text: unlessSaid(event.text, said) }));
  const ended = state.ended.map((process) => markup`<li>${processHtml(process)}</li>`);
  const elsewhere = state.ongoingMore === 0 ? [] : [
    markup`<li>and on ${countOf(state.ongoingMore, "more node")}: see the time line</li>`,
  ];
  const more = moreHtml(state.endedMore, "process", "processes");
  return markup`${usedHtml(state)}
${partHtml(title, [...ongoing.map(ongoingHtml), ...elsewhere])}
${partHtml("Processes that had ended before, and not with code 0", [...ended, ...more])}
${partHtml(latestTitle, latest.map(eventHtml))}`;
}

/** An event that has failed for the reason that was told before does not repeat it. */
function unlessSaid(text: string, said = ""): string {
  const [start = ""] = String(said).split("\n", 1);
  const place = start.length < MIN_SAID ? -1 : text.indexOf(start.slice(0, MIN_SAID));
  return place < 0 ? text : `${text.slice(0, place)}as above`;
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
    : markup`<pre class="output">${lines.map(lineHtml)}</pre>`;
  return markup`${isOpen ? "" : `${node}: `}${name}${what} ${
    isOpen ? openHtml(process) : endedHtml(process)
  }${wrote}`;
}

/** With the time of the run, since what a program says of times is that of a clock on the wall. */
function lineHtml({ time, text, omitted }: WrittenLine): Html {
  const left = omitted === undefined
    ? undefined
    : markup`<span class="at">… ${countOf(omitted, "line")} left out …</span>\n`;
  const level = levelOf(text);
  const shown = level === undefined ? text : markup`<span class="level-${level}">${text}</span>`;
  return markup`${left}<span class="at">${(time / 1000).toFixed(3)}</span> ${shown}\n`;
}

/** What a time of something is told of. */
function thingOf({ cluster, node, span: { kind, process } }: ReportedProcess): LinkedThing {
  return { cluster, node, kind, process };
}

/** Since when it went on; of a wait until when it may, of a fault what probes have shown. */
function openHtml(process: ReportedProcess): Html {
  const { elapsed, until, isBeingMade, span: { kind, start, settled, facts = [] } } = process;
  const thing = thingOf(process);
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
  const force = isBeingMade
    ? ", being made"
    : settled === undefined
    ? undefined
    : markup`, in force from ${timeHtml(settled, thing)} on`;
  const end = until === undefined ? undefined : markup` until ${timeHtml(until, thing)}`;
  return markup`since ${timeHtml(start, thing)}${force}${end}, for ${
    milliseconds(elapsed)
  }${limit}${called}${proof}`;
}

/** Faults that were in force, and nodes that were down or paused: what a reader has to know of a failure first. */
export function conditionsHtml({ ongoing }: StateAtMoment): Html | undefined {
  const conditions = ongoing.flatMap(({ things }) =>
    things.filter(({ span: { kind } }) => isCondition(kind)).map(conditionHtml)
  );
  if (conditions.length === 0) return undefined;
  const more = conditions.length - MAX_CONDITIONS;
  const [first, ...rest] = conditions.slice(0, MAX_CONDITIONS);
  const others = more > 0 ? `; and ${more} more` : "";
  return markup`<p class="conditions">${first}${
    rest.map((each) => markup`; ${each}`)
  }${others}.</p>`;
}

function conditionHtml(condition: ReportedProcess): Html {
  const { node, until, isBeingMade, span: { kind, label, start, settled = start } } = condition;
  const thing = thingOf(condition);
  if (kind !== "fault") {
    return markup`<strong>${node}</strong> was ${label} from ${timeHtml(start, thing)} on`;
  }
  const name = markup`<strong>${shortened(label)}</strong>`;
  if (isBeingMade) return markup`${name} was being made from ${timeHtml(start, thing)} on`;
  const end = until === undefined
    ? undefined
    : markup`, until the test ended it at ${timeHtml(until, thing)}`;
  return markup`${name} was in force from ${timeHtml(settled, thing)} on${end}`;
}

function endedHtml(process: ReportedProcess): Html {
  const { span, count, since, memory } = process;
  const { start, end = start, facts = [] } = span;
  const fact = (wanted: string) => facts.find(([each]) => each === wanted)?.[1];
  const why = fact("why");
  const { process: _, ...any } = thingOf(process);
  const others = count === 1
    ? undefined
    : markup`, the latest of ${count} that ended so from ${timeHtml(since, any)} on`;
  return markup`ended ${fact("ended") ?? ""} after ${fact("took")}${
    why === undefined ? "" : `; ${why}`
  }, at ${timeHtml(end, thingOf(process))}${others}${memory && limitHtml(memory)}`;
}

/** What has ended in the same way so often that it says what a test was about, as what it waited for. */
export function repeatedHtml({ ended }: StateAtMoment): Html | undefined {
  const [most] = ended.filter(({ count }) => count >= MIN_REPEATED)
    .sort((a, b) => b.count - a.count);
  if (!most) return undefined;
  const { node, count, since, span: { label, start, end = start, facts = [] } } = most;
  const [, how = ""] = facts.find(([name]) => name === "ended") ?? [];
  return markup`<p class="conditions">On <strong>${node}</strong>, <code>${
    shortened(label)
  }</code> ended ${how}, ${count} times from ${
    timeHtml(since, { ...thingOf(most), process: undefined })
  } to ${timeHtml(end, thingOf(most))}.</p>`;
}

function eventHtml({ time, since, count, text, thing }: LatestEvent): Html {
  const others = count === 1
    ? undefined
    : markup` <small>the latest of ${count} such events from ${
      timeHtml(since, thing && { ...thing, process: undefined })
    } on</small>`;
  return markup`<li>${timeHtml(time, thing)} ${text}${others}</li>`;
}

function moreHtml(count: number, one: string, many: string): Html[] {
  return count === 0 ? [] : [markup`<li>and ${count} ${count === 1 ? one : many} more</li>`];
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > MAX_COMMAND ? `${line.slice(0, MAX_COMMAND - 1)}…` : line;
}
