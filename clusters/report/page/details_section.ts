/// <reference lib="dom" />
import { GIVEN_BACK, type ReportData } from "../report_data.ts";
import { element } from "./dom.ts";
import { laneName, timeText } from "./page_data.ts";
import { stateText } from "./state_text.ts";
import type { Choice, TimeView } from "./time_view.ts";

/** Tells of what was chosen: a command with its arguments, say, how it ended, and what it wrote last. */
export class DetailsSection {
  readonly node: HTMLElement = element("div", { class: "details", "aria-live": "polite" });
  readonly #data: ReportData;
  #shown: Choice | undefined;

  /** `onLines` is called to show what a process of a lane has written. */
  constructor(
    data: ReportData,
    { view, onLines }: {
      readonly view: TimeView;
      readonly onLines: (lane: number, process: number) => void;
    },
  ) {
    this.#data = data;
    view.listen(({ choice }) => {
      if (choice !== this.#shown) this.#show(choice, onLines);
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
    const { kind, label, lane, start, settled, end, facts = [], concerns, process } = span;
    const until = end === undefined ? "until the end of the record" : `to ${timeText(end)}`;
    const names = concerns?.map((each) => laneName(this.#data, each)).join(", ");
    const heading = element("h3", {}, `${kind}: ${label}`);
    const parts = [
      heading,
      factList([
        ["lane", laneName(this.#data, lane)],
        ["time", `${timeText(start)} ${until}`],
        ["state", stateText(span)],
        ...settled === undefined ? [] : [["in force", `from ${timeText(settled)} on`] as const],
        ...names ? [["nodes", names] as const] : [],
        ...facts.filter(([name, text]) => name !== "why" || text !== GIVEN_BACK),
      ]),
    ];
    if (process === undefined) return parts;
    const button = element("button", { type: "button" }, "Show what it wrote");
    button.addEventListener("click", () => onLines(lane, process));
    return [...parts, button];
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
