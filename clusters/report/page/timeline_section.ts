/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { element, oncePerFrame } from "./dom.ts";
import { laneAt, thingAt } from "./pointed_thing.ts";
import { layOut, type PlacedLane } from "./lane_layout.ts";
import { type Area, LanePainter } from "./lane_painter.ts";
import { laneName, shortLaneName } from "./page_data.ts";
import { paintAxis } from "./time_axis.ts";
import { bindTimeKeys } from "./time_keys.ts";
import type { TimeView } from "./time_view.ts";

/** Pixels of the axis. */
const AXIS = 22;

/** Pixels within which one points at something. */
const TOLERANCE = 3;

/** Pixels by which a wheel makes what is shown twice as long. */
const WHEEL = 400;

/** Pixels after which a press is no click any more. */
const DRAG = 4;

/** The time line: the lanes with an axis above them, and their names beside them. */
export class TimelineSection {
  readonly node: HTMLElement;
  readonly #data: ReportData;
  readonly #view: TimeView;
  readonly #lanes: readonly PlacedLane[];
  readonly #axis = element("canvas", { class: "axis", "aria-hidden": "true" });
  readonly #canvas = element("canvas", { "aria-hidden": "true" });
  readonly #names = element("div", { class: "names" });
  readonly #scroller: HTMLElement;
  readonly #painter: LanePainter;
  readonly #update = oncePerFrame(() => this.#paint());

  constructor(data: ReportData, view: TimeView) {
    [this.#data, this.#view] = [data, view];
    this.#lanes = layOut(data);
    this.#painter = new LanePainter(this.#canvas.getContext("2d")!, data, this.#lanes);
    const last = this.#lanes.at(-1);
    const total = last ? last.top + last.height : 0;
    const chart = element("div", {
      ...{ class: "chart", tabindex: "0", role: "application" },
      "aria-label": "Time line: arrow keys move, plus and minus zoom, 0 shows all, up and down " +
        "choose a lane, Enter and Backspace go through what is in it",
    }, this.#canvas);
    const space = element("div", { class: "space" }, this.#names, chart);
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
    chart.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#listenToPointer(chart);
    bindTimeKeys(chart, {
      data: this.#data,
      view: this.#view,
      lanes: this.#lanes,
      reveal: (lane) => this.reveal(lane),
    });
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { deltaX, deltaY, shiftKey } = event;
    const { width } = this.#area;
    if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) {
      return this.#view.pan((deltaX || deltaY) / width);
    }
    this.#view.zoom(2 ** (deltaY / WHEEL), this.#timeAt(event));
  }

  #listenToPointer(chart: HTMLElement): void {
    let last: { x: number; moved: number } | undefined;
    chart.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      last = { x: event.clientX, moved: 0 };
      chart.setPointerCapture(event.pointerId);
    });
    chart.addEventListener("pointermove", (event) => {
      if (!last) return this.#hover(event);
      const by = event.clientX - last.x;
      const moved = last.moved + Math.abs(by);
      last = { x: event.clientX, moved };
      if (moved > DRAG) this.#view.pan(-by / this.#area.width);
    });
    chart.addEventListener("pointerup", (event) => {
      const isClick = last !== undefined && last.moved <= DRAG;
      last = undefined;
      if (isClick) this.#choose(event);
    });
    chart.addEventListener("pointercancel", () => last = undefined);
    chart.addEventListener("dblclick", (event) => this.#view.zoom(1 / 4, this.#timeAt(event)));
  }

  #hover(event: PointerEvent): void {
    const thing = thingAt(this.#data, { lanes: this.#lanes, point: this.#pointOf(event) });
    const things = thing?.kind === "span" ? this.#data.spans : this.#data.marks;
    this.#canvas.title = thing ? things[thing.index]!.label : "";
  }

  #choose(event: MouseEvent): void {
    const point = this.#pointOf(event);
    const view = this.#view;
    view.choice = thingAt(this.#data, { lanes: this.#lanes, point });
    view.lane = laneAt(this.#lanes, point.y);
    view.setCursor(point.time);
  }

  /** A second time it is given up again. */
  #chooseLane(lane: number): void {
    const view = this.#view;
    const isChosen = view.lane === lane;
    view.lane = isChosen ? undefined : lane;
    view.choice = isChosen ? undefined : { kind: "lane", index: lane };
    view.changed();
  }

  #pointOf(event: MouseEvent) {
    const { top } = this.#canvas.getBoundingClientRect();
    const { from, to } = this.#view;
    return {
      time: this.#timeAt(event),
      y: event.clientY - top + this.#scroller.scrollTop,
      tolerance: (to - from) / this.#area.width * TOLERANCE,
    };
  }

  #timeAt({ clientX }: MouseEvent): number {
    const { left, width } = this.#canvas.getBoundingClientRect();
    const { from, to } = this.#view;
    return from + (clientX - left) / width * (to - from);
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
    this.#axis.style.marginLeft = `${this.#names.offsetWidth}px`;
    const axis = fit(this.#axis, area.width, AXIS);
    paintAxis(axis, this.#view, { width: area.width, height: AXIS });
    this.#showNames(area);
  }

  /** Names of the lanes that are visible, and of no others: there may be thousands. */
  #showNames({ scrolled, height }: Area): void {
    const shown = this.#lanes.entries()
      .filter(([, lane]) => lane.top + lane.height >= scrolled && lane.top <= scrolled + height);
    const names = shown.map(([lane, { top, height: size }]) => {
      const name = laneName(this.#data, lane);
      const label = shortLaneName(this.#data, lane);
      const pressed = `${this.#view.lane === lane}`;
      const button = element(
        "button",
        { type: "button", title: name, "aria-pressed": pressed },
        label,
      );
      button.style.top = `${top}px`;
      button.style.height = `${size - 1}px`;
      button.addEventListener("click", () => this.#chooseLane(lane));
      return button;
    });
    const focused = document.activeElement?.closest(".names button")?.getAttribute("title");
    this.#names.replaceChildren(...names);
    if (focused) {
      this.#names.querySelector<HTMLElement>(`[title="${CSS.escape(focused)}"]`)?.focus();
    }
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
