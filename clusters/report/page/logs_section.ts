/// <reference lib="dom" />
import type { ReportData, ReportOutput } from "../report_data.ts";
import { ansiText } from "./ansi.ts";
import { element, labelled } from "./dom.ts";
import type { LogFilter, LogLines } from "./log_lines.ts";
import { laneName, shortLaneName, timeText } from "./page_data.ts";
import type { TimeView } from "./time_view.ts";
import { VirtualList } from "./virtual_list.ts";

/** Milliseconds after a change before lines are looked for again. */
const PATIENCE = 120;

/** What is to be known of the order of lines. */
const HINT =
  "Times are those at which lines came to the test's machine. Of lines of two processes " +
  "that are less than 50 ms apart, the later one may have been written first.";

/** What all processes wrote, merged by time, and filtered. */
export class LogsSection {
  readonly node: HTMLElement;
  readonly #data: ReportData;
  readonly #view: TimeView;
  readonly #lines: LogLines;
  readonly #list: VirtualList;
  readonly #lane: HTMLSelectElement;
  readonly #process = element("input", {
    type: "search",
    size: "12",
    placeholder: "number or command",
  });
  readonly #stream = element(
    "select",
    {},
    ...["both", "stdout", "stderr"].map((name) => element("option", {}, name)),
  );
  readonly #text = element("input", {
    type: "search",
    class: "log-text",
    placeholder: "text or /expression/",
  });
  readonly #window = element("input", { type: "checkbox" });
  readonly #state = element("span", { role: "status" });
  #places: Uint32Array = new Uint32Array();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cursor: number | undefined;

  constructor(
    data: ReportData,
    { view, lines }: { readonly view: TimeView; readonly lines: LogLines },
  ) {
    [this.#data, this.#view, this.#lines] = [data, view, lines];
    this.#list = new VirtualList(
      "Lines that processes wrote",
      (index) => this.#row(this.#places[index]!),
    );
    this.#lane = element(
      "select",
      { class: "log-node" },
      element("option", { value: "" }, "all"),
      ...this.#laneOptions(),
    );
    const controls = element(
      "form",
      { class: "controls" },
      ...[
        labelled("Node", this.#lane),
        labelled("Process", this.#process),
        labelled("Output", this.#stream),
      ],
      ...[
        labelled("Text", this.#text),
        labelled("Only the time shown above", this.#window),
        this.#state,
      ],
    );
    controls.addEventListener("input", () => this.#later());
    controls.addEventListener("submit", (event) => event.preventDefault());
    this.node = element(
      "div",
      {},
      controls,
      this.#list.node,
      element("p", { class: "hint" }, HINT),
    );
  }

  /** Shows the lines, now that it is in the page. */
  start(): void {
    this.#list.start();
    this.#find();
    this.#view.listen(({ cursor }) => {
      if (this.#window.checked) this.#later();
      if (cursor !== this.#cursor) this.#goTo(this.#cursor = cursor);
    });
  }

  /** Shows what a process wrote, or a node if no process is given. */
  filter(
    { lane, process }: { readonly lane: number; readonly process?: number | undefined },
  ): void {
    this.#lane.value = `${lane}`;
    this.#process.value = process === undefined ? "" : `${process}`;
    this.#find();
  }

  #laneOptions(): HTMLOptionElement[] {
    const lanes = new Set(this.#data.outputs.map(({ lane }) => lane));
    return [...lanes].sort((a, b) => a - b)
      .map((lane) => element("option", { value: `${lane}` }, laneName(this.#data, lane)));
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#find(), PATIENCE);
  }

  #find(): void {
    try {
      this.#places = this.#lines.places(this.#filter);
      this.#state.textContent = `${this.#places.length} of ${this.#lines.count} lines`;
      this.#text.removeAttribute("aria-invalid");
    } catch (error) {
      this.#text.setAttribute("aria-invalid", "true");
      // Of lines that were found before nobody would know that they are those of another text.
      this.#places = new Uint32Array();
      this.#state.textContent = (error as Error).message;
    }
    this.#list.setCount(this.#places.length);
    this.#goTo(this.#cursor);
  }

  get #filter(): LogFilter {
    const stream = this.#stream.value;
    const { from, to } = this.#view;
    return {
      lane: this.#lane.value === "" ? undefined : Number(this.#lane.value),
      process: this.#process.value.trim(),
      stream: stream === "both" ? undefined : stream as ReportOutput["stream"],
      text: this.#text.value,
      ...this.#window.checked && { from, to },
    };
  }

  /** Brings the first line from a time on into view. */
  #goTo(time: number | undefined): void {
    if (time === undefined) return;
    const place = this.#lines.placeOf(time);
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    this.#list.scrollTo(low);
  }

  #row(place: number): HTMLElement {
    const { output, time, text } = this.#lines.at(place);
    const { lane, process, command, stream } = output;
    const name = laneName(this.#data, lane);
    const at = `#t=${(time / 1000).toFixed(3)}&node=${encodeURIComponent(name)}`;
    const href = `${at}&process=${process}`;
    const isNow = this.#cursor !== undefined && Math.abs(time - this.#cursor) < 1;
    return element(
      "div",
      { class: `line ${stream}${isNow ? " now" : ""}` },
      element("a", { href }, timeText(time)),
      ` ${shortLaneName(this.#data, lane)} ${process}-${command} ${
        stream === "stderr" ? "!" : "|"
      } `,
      ...ansiText(text),
    );
  }
}
