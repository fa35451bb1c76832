/// <reference lib="dom" />
import type { ReportData, ReportOutput } from "../report_data.ts";
import { levelOf } from "../line_level.ts";
import { ansiText, plainOf, shownColumns } from "./ansi.ts";
import { chosenLine } from "./chosen_line.ts";
import { element, labelled, oncePerFrame } from "./dom.ts";
import { columnsOf } from "./list_columns.ts";
import type { LogFilter, LogLine, LogLines } from "./log_lines.ts";
import { laneName, shortLaneName, timeText } from "./page_data.ts";
import type { TimeView } from "./time_view.ts";
import { VirtualList } from "./virtual_list.ts";

/** Milliseconds after a change before lines are looked for again. */
const PATIENCE = 120;

/** What is to be known of lines and their order. */
const HINT =
  "| is standard output, ! is standard error; lines that say that they are warnings or errors " +
  "are coloured. Times are those at which lines came to the test's machine. Of lines of two processes " +
  "that are less than 50 ms apart, the later one may have been written first.";

/** Windows in which lines are wrapped, if nobody says otherwise. */
const NARROW = "(max-width: 40rem)";

/** What all processes wrote, merged by time, and filtered. */
export class LogsSection {
  readonly node: HTMLElement;
  readonly #data: ReportData;
  readonly #view: TimeView;
  readonly #lines: LogLines;
  readonly #list: VirtualList;
  readonly #controls: HTMLFormElement;
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
  readonly #wrap = element("input", { type: "checkbox" });
  readonly #narrow = matchMedia(NARROW);
  readonly #window = element("input", { type: "checkbox" });
  readonly #state = element("span", { role: "status" });
  #places: Uint32Array = new Uint32Array();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cursor: number | undefined;
  #chosen: number | undefined;
  /** The first line that is not before the cursor. */
  #next: number | undefined;
  #columns = 0;

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
    this.#controls = element(
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
        labelled("Wrap", this.#wrap),
        this.#state,
      ],
    );
    this.#controls.addEventListener("input", () => this.#later());
    this.#controls.addEventListener("submit", (event) => event.preventDefault());
    this.node = element(
      "div",
      {},
      this.#controls,
      this.#list.node,
      element("p", { class: "hint" }, HINT),
    );
  }

  /** Shows the lines, now that it is in the page. */
  start(): void {
    this.#list.start();
    this.#wrap.checked = this.#narrow.matches;
    this.#narrow.addEventListener("change", ({ matches }) => {
      this.#wrap.checked = matches;
      this.#fill();
    });
    new ResizeObserver(oncePerFrame(() => {
      if (this.#wrap.checked && columnsOf(this.#list.node) !== this.#columns) this.#fill();
    })).observe(this.#list.node);
    this.#find();
    this.#view.listen((view) => {
      if (this.#window.checked) this.#later();
      const chosen = chosenLine(view, this.#lines);
      if (view.cursor === this.#cursor && chosen === this.#chosen) return;
      [this.#cursor, this.#chosen] = [view.cursor, chosen];
      this.#goToCursor();
    });
  }

  /** Shows a line by its place, in the page too. */
  show(line: number): void {
    if (!this.#places.includes(line)) {
      this.#controls.reset();
      this.#wrap.checked = this.#narrow.matches;
      this.#find();
    }
    this.#list.node.scrollIntoView({ block: "nearest" });
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
      this.#state.classList.remove("omitted");
    } catch (error) {
      this.#text.setAttribute("aria-invalid", "true");
      // Of lines that were found before nobody would know that they are those of another text.
      this.#places = new Uint32Array();
      this.#state.textContent = (error as Error).message;
      this.#state.classList.add("omitted");
    }
    this.#fill();
  }

  /** Has the list show what was found, each line as high as it has to be. */
  #fill(): void {
    const columns = this.#columns = columnsOf(this.#list.node);
    const linesOf = (index: number) => {
      const { text, ...line } = this.#lines.at(this.#places[index]!);
      const length = this.#beginning(line).length + shownColumns(text);
      return Math.max(1, Math.ceil(length / columns));
    };
    this.#list.setCount(this.#places.length, this.#wrap.checked ? linesOf : undefined);
    this.#goToCursor();
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

  /** Brings the line that is chosen into view, or the first one from the cursor on. */
  #goToCursor(): void {
    if (this.#cursor === undefined) return;
    const place = this.#chosen ?? this.#lines.placeOf(this.#cursor);
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    this.#next = this.#places[low];
    this.#list.scrollTo(low);
  }

  #row(place: number): HTMLElement {
    const { output, time, text } = this.#lines.at(place);
    const { lane, process } = output;
    const name = laneName(this.#data, lane);
    const at = `#t=${(time / 1000).toFixed(3)}&node=${encodeURIComponent(name)}`;
    const link = element("a", { href: `${at}&process=${process}` }, timeText(time));
    link.addEventListener("click", () => this.#view.line = place);
    const level = levelOf(plainOf(text));
    return element(
      "div",
      { class: ["line", level && `level-${level}`, this.#markOf(place, time)].join(" ") },
      link,
      this.#beginning({ output, time }).slice(timeText(time).length),
      ...ansiText(text),
    );
  }

  /** What is before the text of a line. */
  #beginning({ output, time }: Omit<LogLine, "text">): string {
    const { lane, process, command, stream } = output;
    const sign = stream === "stderr" ? "!" : "|";
    return `${timeText(time)} ${shortLaneName(this.#data, lane)} ${process}-${command} ${sign} `;
  }

  /** Whether the cursor is at a line, or before it. */
  #markOf(place: number, time: number): string {
    if (this.#cursor === undefined) return "";
    const isNow = this.#chosen === undefined
      ? Math.abs(time - this.#cursor) < 1
      : place === this.#chosen;
    if (isNow) return "now";
    return place === this.#next ? "next" : "";
  }
}
