/// <reference lib="dom" />
import { colour } from "./dom.ts";
import type { TimeView } from "./time_view.ts";

/** Pixels between two numbers at least. */
const DISTANCE = 90;

/** The moments at which an axis has numbers, in milliseconds. */
export function ticks(from: number, to: number, count: number): number[] {
  const least = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= least)!;
  const first = Math.ceil(from / step);
  const length = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length }, (_, i) => (first + i) * step);
}

/** Draws the axis of time. */
export function paintAxis(
  context: CanvasRenderingContext2D,
  { from, to }: TimeView,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  context.clearRect(0, 0, width, height);
  context.fillStyle = colour("text");
  const moments = ticks(from, to, width / DISTANCE);
  const step = (moments[1] ?? 1000) - (moments[0] ?? 0);
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step / 1000))));
  for (const time of moments) {
    const x = Math.round((time - from) / (to - from) * width);
    context.fillRect(x, height - 5, 1, 5);
    context.fillText(`${(time / 1000).toFixed(digits)} s`, x + 3, height / 2);
  }
}
