/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { element, oncePerFrame } from "./dom.ts";
import { layOut, type PlacedLane } from "./lane_layout.ts";
import { type Area, LanePainter } from "./lane_painter.ts";
import { LaneNames } from "./lane_names.ts";
import { paintAxis } from "./time_axis.ts";
import { bindTimeKeys } from "./time_keys.ts";
import { bindTimePointer } from "./time_pointer.ts";
import type { TimeView } from "./time_view.ts";

/** Pixels of the axis. */
const AXIS = 22;

/** The time line: the lanes with an axis above them, and their names beside them. */
export class TimelineSection {
  readonly node: HTMLElement;
  readonly #data: ReportData;
  readonly #view: TimeView;
  readonly #lanes: readonly PlacedLane[];
  readonly #axis = element("canvas", { class: "axis", "aria-hidden": "true" });
  readonly #canvas = element("canvas", { "aria-hidden": "true" });
  readonly #names: LaneNames;
  readonly #scroller: HTMLElement;
  readonly #painter: LanePainter;
  readonly #update = oncePerFrame(() => this.#paint());

  constructor(data: ReportData, view: TimeView) {
    [this.#data, this.#view] = [data, view];
    this.#lanes = layOut(data);
    this.#names = new LaneNames(data, { view, lanes: this.#lanes });
    this.#painter = new LanePainter(this.#canvas.getContext("2d")!, data, this.#lanes);
    const last = this.#lanes.at(-1);
    const total = last ? last.top + last.height : 0;
    const chart = element("div", {
      ...{ class: "chart", tabindex: "0", role: "application" },
      "aria-label": "Time line: arrow keys move, plus and minus zoom, 0 shows all, up and down " +
        "choose a lane, Enter and Backspace go through what is in it",
    }, this.#canvas);
    const space = element("div", { class: "space" }, this.#names.node, chart);
    this.#scroller = element("div", { class: "lanes" }, space);
    space.style.height = `${total}px`;
    this.#scroller.style.height = `min(60vh, ${total + 2}px)`;
    this.node = element("div", { class: "timeline" }, this.#axis, this.#scroller);
    this.#listen(chart);
  }

  /** Draws it, now that it is in the page. */
  start(): void {
    this.#view.listen(() => this.#update());
    new ResizeObserver(() => this.#update()).observe(this.#scroller);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#painter.restyle();
      this.#update();
    });
    this.#update();
  }

  /** Pixels from the left of the page's content to where its times begin. */
  get left(): number {
    // The border of the time line is to the left of the names.
    return this.#names.node.offsetWidth + 1;
  }

  /** Brings a lane into view. */
  reveal(lane: number): void {
    const { top, height } = this.#lanes[lane]!;
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop || top + height > scrollTop + clientHeight) {
      this.#scroller.scrollTop = top - clientHeight / 2 + height / 2;
    }
  }

  #listen(chart: HTMLElement): void {
    this.#scroller.addEventListener("scroll", () => this.#update());
    const target = { data: this.#data, view: this.#view, lanes: this.#lanes };
    bindTimePointer(chart, {
      ...{ ...target, canvas: this.#canvas },
      area: () => this.#area,
    });
    bindTimeKeys(this.node, { ...target, reveal: (lane) => this.reveal(lane) });
  }

  get #area(): Area {
    const { width } = this.#canvas.parentElement!.getBoundingClientRect();
    const { clientHeight, scrollTop } = this.#scroller;
    return { width: Math.max(1, width), height: clientHeight, scrolled: scrollTop };
  }

  #paint(): void {
    const area = this.#area;
    const { from, to } = this.#view;
    this.node.dataset.from = from.toFixed(3);
    this.node.dataset.to = to.toFixed(3);
    fit(this.#canvas, area.width, area.height);
    this.#painter.paint(this.#view, area);
    this.#axis.style.marginLeft = `${this.#names.node.offsetWidth}px`;
    const axis = fit(this.#axis, area.width, AXIS);
    paintAxis(axis, this.#view, { width: area.width, height: AXIS });
    this.#names.show(area);
  }
}

/** Gives a canvas a size, in pixels of the page, and sharp lines. */
function fit(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    [canvas.width, canvas.height] = [wide, high];
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  return context;
}
