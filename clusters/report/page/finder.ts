/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { element, labelled } from "./dom.ts";
import { type FindSources, type FoundThing, foundThings } from "./found_things.ts";
import type { LogLines } from "./log_lines.ts";
import { laneName, timeText } from "./page_data.ts";
import type { TimeView } from "./time_view.ts";

/** Things that are listed at most. */
const MAX_FOUND = 50;

/** Finds things of the time line, and lines of outputs, by a text: commands, faults, notes, nodes. */
export class Finder {
  readonly node: HTMLElement;
  readonly #sources: FindSources;
  readonly #view: TimeView;
  readonly #reveal: (lane: number) => void;
  readonly #onLine: (line: number) => void;
  readonly #list = element("ul", { class: "found", "aria-label": "Found" });
  readonly #input = element("input", {
    type: "search",
    class: "find",
    placeholder: "command, fault, node, line of a log …",
  });

  constructor(
    data: ReportData,
    { view, lines, reveal, onLine }: {
      readonly view: TimeView;
      readonly lines: LogLines;
      readonly reveal: (lane: number) => void;
      /** Called to show a line of the logs, by its place. */
      readonly onLine: (line: number) => void;
    },
  ) {
    [this.#view, this.#reveal, this.#onLine] = [view, reveal, onLine];
    this.#sources = { data, lines, nameOf: (lane) => laneName(data, lane) };
    this.#input.addEventListener("input", () => this.#find());
    this.#input.addEventListener("keydown", ({ key }) => {
      if (key !== "Enter") return;
      const [first] = this.#find();
      if (first) this.#goTo(first);
    });
    this.node = element("div", {}, labelled("Find", this.#input), this.#list);
  }

  #find(): readonly FoundThing[] {
    const wanted = this.#input.value;
    const found = foundThings(wanted, this.#sources);
    const items = found.slice(0, MAX_FOUND).map((thing) => this.#item(thing));
    const left = found.length - items.length;
    const more = left > 0 ? [element("li", {}, `and ${left} more`)] : [];
    const none = wanted.trim() !== "" && found.length === 0 ? [element("li", {}, "nothing")] : [];
    this.#list.replaceChildren(...items, ...more, ...none);
    return found;
  }

  #item(thing: FoundThing): HTMLElement {
    const { time, text, count, last } = thing;
    const often = count === 1 ? "" : ` (${count} times, the last at ${timeText(last)})`;
    const line = text.length > 200 ? `${text.slice(0, 199)}…` : text;
    const button = element("button", { type: "button" }, `${timeText(time)} ${line}${often}`);
    button.addEventListener("click", () => this.#goTo(thing));
    return element("li", {}, button);
  }

  /** Shows it with some time around it. */
  #goTo({ choice, lane, line, time, end }: FoundThing): void {
    const view = this.#view;
    const around = Math.max((end - time) * 0.5, view.duration * 0.02);
    [view.choice, view.lane, view.cursor, view.line] = [choice, lane, time, line];
    this.#reveal(lane);
    view.show(time - around, end + around);
    if (line !== undefined) this.#onLine(line);
  }
}
