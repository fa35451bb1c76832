/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { element, labelled } from "./dom.ts";
import { laneName, timeText } from "./page_data.ts";
import type { Choice, TimeView } from "./time_view.ts";

/** Things that are listed at most. */
const MAX_FOUND = 50;

/** Something that can be found. */
interface Findable {
  readonly choice: Choice;
  readonly lane: number;
  readonly time: number;
  readonly end: number;
  readonly text: string;
}

/** Finds things of the time line by a text: commands, faults, notes, nodes. */
export class Finder {
  readonly node: HTMLElement;
  readonly #data: ReportData;
  readonly #view: TimeView;
  readonly #reveal: (lane: number) => void;
  readonly #list = element("ul", { class: "found", "aria-label": "Found" });
  readonly #input = element("input", {
    type: "search",
    class: "find",
    placeholder: "command, fault, node …",
  });

  constructor(
    data: ReportData,
    { view, reveal }: { readonly view: TimeView; readonly reveal: (lane: number) => void },
  ) {
    [this.#data, this.#view, this.#reveal] = [data, view, reveal];
    this.#input.addEventListener("input", () => this.#find());
    this.node = element("div", {}, labelled("Find", this.#input), this.#list);
  }

  #find(): void {
    const wanted = this.#input.value.trim().toLowerCase();
    const found = wanted === "" ? [] : this.#things()
      .filter(({ text }) => text.toLowerCase().includes(wanted)).take(MAX_FOUND + 1).toArray();
    const items = found.slice(0, MAX_FOUND).map((thing) => this.#item(thing));
    const more = found.length > MAX_FOUND ? [element("li", {}, "and more")] : [];
    const none = wanted !== "" && found.length === 0 ? [element("li", {}, "nothing")] : [];
    this.#list.replaceChildren(...items, ...more, ...none);
  }

  *#things(): Generator<Findable> {
    const { spans, marks, duration } = this.#data;
    const names = this.#data.lanes.map((_, lane) => laneName(this.#data, lane));
    for (const [index, { lane, kind, label, start, end = duration, state }] of spans.entries()) {
      const text = `${names[lane]} ${kind} ${state} ${label}`;
      yield { choice: { kind: "span", index }, lane, time: start, end, text };
    }
    for (const [index, { lane, label, time }] of marks.entries()) {
      yield {
        choice: { kind: "mark", index },
        lane,
        time,
        end: time,
        text: `${names[lane]} ${label}`,
      };
    }
  }

  #item(thing: Findable): HTMLElement {
    const text = `${timeText(thing.time)} ${thing.text}`;
    const button = element("button", { type: "button" }, text.slice(0, 200));
    button.addEventListener("click", () => this.#goTo(thing));
    return element("li", {}, button);
  }

  /** Shows it with some time around it. */
  #goTo({ choice, lane, time, end }: Findable): void {
    const view = this.#view;
    const around = Math.max((end - time) * 0.5, view.duration * 0.02);
    [view.choice, view.lane, view.cursor] = [choice, lane, time];
    this.#reveal(lane);
    view.show(time - around, end + around);
  }
}
