/// <reference lib="dom" />
import { GIVEN_BACK, type ReportData, type ReportSpan } from "../report_data.ts";
import { plainOf } from "./ansi.ts";
import { chosenLine } from "./chosen_line.ts";
import { element } from "./dom.ts";
import type { LogLines } from "./log_lines.ts";
import { laneName, timeText } from "./page_data.ts";
import { stateText } from "./state_text.ts";
import type { Choice, TimeView } from "./time_view.ts";

/** Tells of what was chosen: a command with its arguments, say, how it ended, and what it wrote last. */
export class DetailsSection {
  readonly node: HTMLElement = element("div", { class: "details", "aria-live": "polite" });
  readonly #data: ReportData;
  readonly #lines: LogLines;
  #shown: Choice | undefined;
  #line: number | undefined;

  /** `onLines` is called to show what a process of a lane has written. */
  constructor(
    data: ReportData,
    { view, lines, onLines }: {
      readonly view: TimeView;
      readonly lines: LogLines;
      readonly onLines: (lane: number, process: number) => void;
    },
  ) {
    [this.#data, this.#lines] = [data, lines];
    view.listen(({ choice }) => {
      const line = chosenLine(view, lines);
      if (choice === this.#shown && line === this.#line) return;
      this.#line = line;
      this.#show(choice, onLines);
    });
    this.node.append(element("p", {}, "Click something on the time line, or find it above."));
  }

  #show(choice: Choice | undefined, onLines: (lane: number, process: number) => void): void {
    this.#shown = choice;
    if (!choice) return this.node.replaceChildren();
    if (choice.kind === "lane") return this.node.replaceChildren(...this.#lane(choice.index));
    this.node.replaceChildren(
      ...choice.kind === "span" ? this.#span(choice.index, onLines) : this.#mark(choice.index),
    );
  }

  #span(index: number, onLines: (lane: number, process: number) => void): HTMLElement[] {
    const span = this.#data.spans[index]!;
    const { kind, label, lane, start, end, facts = [], concerns, process } = span;
    const until = end === undefined ? "until the end of the record" : `to ${timeText(end)}`;
    const names = concerns?.map((each) => laneName(this.#data, each)).join(", ");
    const heading = element("h3", {}, `${kind}: ${label}`);
    const parts = [
      heading,
      factList([
        ["lane", laneName(this.#data, lane)],
        ["time", `${timeText(start)} ${until}`],
        ["state", stateText(span)],
        ...this.#lineFacts(span),
        ...forceFacts(span),
        ...names ? [["nodes", names] as const] : [],
        ...facts.filter(([name, text]) => name !== "why" || text !== GIVEN_BACK),
      ]),
    ];
    if (process === undefined) return parts;
    const button = element("button", { type: "button" }, "Show what it wrote");
    button.addEventListener("click", () => onLines(lane, process));
    return [...parts, button];
  }

  /** The line that was chosen, if this is what has written it. */
  #lineFacts({ lane, process }: ReportSpan): (readonly [string, string])[] {
    if (this.#line === undefined) return [];
    const { output, time, text } = this.#lines.at(this.#line);
    if (output.lane !== lane || output.process !== process) return [];
    return [[`wrote to ${output.stream} at ${timeText(time)}`, plainOf(text)]];
  }

  #lane(index: number): HTMLElement[] {
    const heading = element("h3", {}, laneName(this.#data, index));
    return [heading, factList(this.#data.lanes[index]!.facts)];
  }

  #mark(index: number): HTMLElement[] {
    const { label, lane, time, facts = [] } = this.#data.marks[index]!;
    return [
      element("h3", {}, label),
      factList([["lane", laneName(this.#data, lane)], ["time", timeText(time)], ...facts]),
    ];
  }
}

/** From when to when a fault was in force, and when it was made and healed; nothing of what is none. */
function forceFacts(
  { kind, state, start, settled, healing, end }: ReportSpan,
): (readonly [string, string])[] {
  if (kind !== "fault" || settled === undefined) return [];
  const made = ["made and proved", `${timeText(start)} to ${timeText(settled)}`] as const;
  // One that could not be made never was in force.
  if (state === "failed" && healing === undefined) return [made];
  const last = healing ?? end;
  const until = last === undefined ? "the end of the record" : timeText(last);
  return [
    made,
    ["in force", `${timeText(settled)} to ${until}`],
    ...healing === undefined || end === undefined
      ? []
      : [["healed and proved", `${timeText(healing)} to ${timeText(end)}`] as const],
  ];
}

function factList(facts: readonly (readonly [string, string])[]): HTMLElement {
  return element(
    "dl",
    {},
    ...facts.flatMap(([name, text]) => [
      element("dt", {}, name),
      element("dd", {}, text.includes("\n") ? element("pre", {}, text) : text),
    ]),
  );
}
