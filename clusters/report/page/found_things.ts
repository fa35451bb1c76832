import type { ReportData, ReportSpan } from "../report_data.ts";
import { plainOf } from "./ansi.ts";
import type { LogLines } from "./log_lines.ts";
import { stateText } from "./state_text.ts";
import type { Choice } from "./time_view.ts";

/** Something that was found, once or again and again. */
export interface FoundThing {
  /** Where it was first; a line that was written is where its process is. */
  readonly choice: Choice | undefined;
  /** The place of the line that it is; `undefined`: it is none. */
  readonly line?: number | undefined;
  readonly lane: number;
  readonly time: number;
  readonly end: number;
  readonly text: string;
  /** How often, and when it was last. */
  readonly count: number;
  readonly last: number;
}

/** What is looked through: things of the time line, and lines that processes wrote. */
export interface FindSources {
  readonly data: ReportData;
  readonly lines: LogLines;
  /** How a lane is called. */
  readonly nameOf: (lane: number) => string;
}

/**
 * All that has a text in it, in whatever case: what failed before all else, then other things of the time
 * line, then lines of outputs, each in the order of time. What is the same again is counted.
 */
export function foundThings(wanted: string, { data, lines, nameOf }: FindSources): FoundThing[] {
  const text = wanted.trim().toLowerCase();
  if (text === "") return [];
  const found = new Found(text);
  for (const each of things(data, nameOf)) found.add(each);
  const processes = new Map(
    data.spans.entries().filter(([, { process }]) => process !== undefined)
      .map(([index, { lane, process }]) => [`${lane} ${process}`, index]),
  );
  for (const place of lines.places({ text: plainPattern(text) })) {
    const { output: { lane, process, command, stream }, time, text: coloured } = lines.at(place);
    const line = plainOf(coloured).trim();
    // Not all lines of a process whose name has the text in it: that one is found already.
    if (!line.toLowerCase().includes(text)) continue;
    const index = processes.get(`${lane} ${process}`);
    found.add({
      ...{ lane, time, end: time, rank: 2, line: place },
      choice: index === undefined ? undefined : { kind: "span", index },
      text: `${nameOf(lane)} ${process}-${command} wrote to ${stream}: ${line}`,
    });
  }
  return found.all;
}

/** What is folded with others of its text. */
interface Findable extends Pick<FoundThing, "choice" | "end" | "lane" | "line" | "text" | "time"> {
  readonly rank: number;
}

/** Collects what has a text, and counts what is the same. */
class Found {
  readonly #wanted: string;
  readonly #byText = new Map<string, FoundThing & { readonly rank: number }>();

  constructor(wanted: string) {
    this.#wanted = wanted;
  }

  get all(): FoundThing[] {
    return [...this.#byText.values()].sort((a, b) => a.rank - b.rank || a.time - b.time);
  }

  add(thing: Findable): void {
    const { text, time } = thing;
    if (!text.toLowerCase().includes(this.#wanted)) return;
    const known = this.#byText.get(text) ?? { ...thing, count: 0, last: time };
    const { count, last } = known;
    this.#byText.set(text, { ...known, count: count + 1, last: Math.max(last, time) });
  }
}

function* things(data: ReportData, nameOf: FindSources["nameOf"]): Generator<Findable> {
  for (const [index, span] of data.spans.entries()) {
    const { lane, start: time, end = data.duration } = span;
    const text = `${nameOf(lane)} ${span.kind} ${span.label}${endOf(span)}`;
    const rank = span.state === "failed" ? 0 : 1;
    yield { choice: { kind: "span", index }, lane, time, end, text, rank };
  }
  for (const [index, { lane, label, time, kind }] of data.marks.entries()) {
    const rank = kind === "failure" ? 0 : 1;
    const text = `${nameOf(lane)} ${label}`;
    yield { choice: { kind: "mark", index }, lane, time, end: time, text, rank };
  }
}

/** That something ended as it should says nothing. */
function endOf(span: ReportSpan): string {
  return span.state === "ok" ? "" : ` (${stateText(span)})`;
}

/** A text for the filter of lines, to which what is between slashes is an expression. */
function plainPattern(text: string): string {
  if (!/^\/.+\/[a-z]*$/.test(text)) return text;
  return `/${text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}/i`;
}
