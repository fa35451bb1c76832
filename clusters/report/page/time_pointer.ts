/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import type { PlacedLane } from "./lane_layout.ts";
import type { Area } from "./lane_painter.ts";
import { laneAt, type Point, thingAt } from "./pointed_thing.ts";
import type { TimeView } from "./time_view.ts";

/** Pixels within which one points at something. */
const TOLERANCE = 3;

/** Pixels by which a wheel makes what is shown twice as long. */
const WHEEL = 400;

/** Pixels after which a press is no click any more. */
const DRAG = 4;

/** What a pointer works on. */
export interface PointerTarget {
  readonly data: ReportData;
  readonly view: TimeView;
  readonly lanes: readonly PlacedLane[];
  readonly canvas: HTMLCanvasElement;
  /** What is visible of the lanes. */
  readonly area: () => Area;
}

/** Has a wheel zoom, a drag move, and a click choose what is pointed at. */
export function bindTimePointer(chart: HTMLElement, target: PointerTarget): void {
  const { view, area } = target;
  chart.addEventListener("wheel", (event) => turn(target, event), { passive: false });
  let last: { x: number; moved: number } | undefined;
  chart.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    last = { x: event.clientX, moved: 0 };
    chart.setPointerCapture(event.pointerId);
  });
  chart.addEventListener("pointermove", (event) => {
    if (!last) return hover(target, event);
    const by = event.clientX - last.x;
    const moved = last.moved + Math.abs(by);
    last = { x: event.clientX, moved };
    if (moved > DRAG) view.pan(-by / area().width);
  });
  chart.addEventListener("pointerup", (event) => {
    const isClick = last !== undefined && last.moved <= DRAG;
    last = undefined;
    if (isClick) choose(target, event);
  });
  chart.addEventListener("pointercancel", () => last = undefined);
  chart.addEventListener("dblclick", (event) => view.zoom(1 / 4, timeAt(target, event)));
}

function turn(target: PointerTarget, event: WheelEvent): void {
  event.preventDefault();
  const { view, area } = target;
  const { deltaX, deltaY, shiftKey } = event;
  if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) {
    return view.pan((deltaX || deltaY) / area().width);
  }
  view.zoom(2 ** (deltaY / WHEEL), timeAt(target, event));
}

function hover(target: PointerTarget, event: PointerEvent): void {
  const { data, lanes, canvas } = target;
  const thing = thingAt(data, { lanes, point: pointOf(target, event) });
  const things = thing?.kind === "span" ? data.spans : data.marks;
  canvas.title = thing ? things[thing.index]!.label : "";
}

function choose(target: PointerTarget, event: MouseEvent): void {
  const { data, lanes, view } = target;
  const point = pointOf(target, event);
  view.choice = thingAt(data, { lanes, point });
  view.lane = laneAt(lanes, point.y);
  view.setCursor(point.time);
}

function pointOf(target: PointerTarget, event: MouseEvent): Point {
  const { canvas, view: { from, to }, area } = target;
  const { width, scrolled } = area();
  return {
    time: timeAt(target, event),
    y: event.clientY - canvas.getBoundingClientRect().top + scrolled,
    tolerance: (to - from) / width * TOLERANCE,
  };
}

function timeAt(
  { canvas, view: { from, to } }: PointerTarget,
  { clientX }: MouseEvent,
): number {
  const { left, width } = canvas.getBoundingClientRect();
  return from + (clientX - left) / width * (to - from);
}
