/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { colourOf } from "./colour_of.ts";
import { colour } from "./dom.ts";
import { isBand, type PlacedLane, type PlacedSpan, ROW, STRIP } from "./lane_layout.ts";
import type { TimeView } from "./time_view.ts";

/** Pixels that a bar has at least, so that it is seen. */
const MIN_BAR = 2;

/** How strong the band of a fault is while it is made and proved, and while it is healed. */
const MAKING = 0.35;

/** Where time and lanes are on the canvas. */
export interface Area {
  readonly width: number;
  readonly height: number;
  /** Pixels of the lanes above what is shown. */
  readonly scrolled: number;
}

/** Draws what is visible of the lanes. */
export class LanePainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #data: ReportData;
  readonly #lanes: readonly PlacedLane[];
  readonly #bands: readonly number[];
  #colours = new Map<string, string>();

  constructor(context: CanvasRenderingContext2D, data: ReportData, lanes: readonly PlacedLane[]) {
    this.#context = context;
    this.#data = data;
    this.#lanes = lanes;
    this.#bands = [...data.spans.keys()].filter((index) => isBand(data.spans[index]!));
  }

  /** Forgets the colours of the style, which has changed. */
  restyle(): void {
    this.#colours.clear();
  }

  /** Draws all that is visible. */
  paint(view: TimeView, area: Area): void {
    const { width, height, scrolled } = area;
    this.#context.clearRect(0, 0, width, height);
    const shown = this.#lanes.keys().filter((lane) => {
      const { top, height: size } = this.#lanes[lane]!;
      return top + size >= scrolled && top <= scrolled + height;
    }).toArray();
    const x = (time: number) => (time - view.from) / (view.to - view.from) * width;
    for (const lane of shown) this.#paintGround(lane, { view, area });
    for (const index of this.#bands) this.#paintBand(index, { shown, view, area, x });
    for (const lane of shown) this.#paintLane(lane, { view, area, x });
    if (view.cursor !== undefined) this.#fill("cursor", Math.round(x(view.cursor)), 0, 1, height);
  }

  #paintGround(lane: number, { view, area }: { view: TimeView; area: Area }): void {
    const { top, height } = this.#lanes[lane]!;
    const name = view.lane === lane ? "lane-chosen" : lane % 2 === 0 ? "lane-even" : "lane-odd";
    this.#fill(name, 0, top - area.scrolled, area.width, height);
  }

  #paintBand(
    index: number,
    { shown, view, area, x }: {
      shown: readonly number[];
      view: TimeView;
      area: Area;
      x: (time: number) => number;
    },
  ): void {
    const span = this.#data.spans[index]!;
    const { start, end = this.#data.duration, concerns = [span.lane], kind } = span;
    if (end < view.from || start > view.to) return;
    const left = Math.max(0, x(start));
    const right = Math.max(left + MIN_BAR, Math.min(area.width, x(end)));
    const settled = Math.min(right, Math.max(left, x(span.settled ?? start)));
    // One that is thinner than a bar is in force up to its end.
    const healing = span.healing === undefined
      ? right
      : Math.min(right, Math.max(settled, x(span.healing)));
    const parts = [
      { from: left, to: settled, alpha: MAKING },
      { from: settled, to: healing, alpha: 1 },
      { from: healing, to: right, alpha: MAKING },
    ];
    for (const lane of concerns) {
      if (!shown.includes(lane)) continue;
      const { top, height } = this.#lanes[lane]!;
      for (const { from, to, alpha } of parts) {
        this.#context.globalAlpha = alpha;
        this.#fill(`band-${kind}`, from, top - area.scrolled, to - from, height);
      }
      this.#context.globalAlpha = 1;
    }
  }

  #paintLane(
    lane: number,
    { view, area, x }: { view: TimeView; area: Area; x: (time: number) => number },
  ): void {
    const placed = this.#lanes[lane]!;
    const top = placed.top - area.scrolled;
    const context = this.#context;
    // What is thinner than a pixel is drawn once.
    const drawn = new Int32Array(placed.rows).fill(-1);
    for (const each of placed.spans) {
      const { span, row } = each;
      if (span.start > view.to) break;
      if ((span.end ?? Infinity) < view.from) continue;
      const right = Math.ceil(x(Math.min(span.end ?? this.#data.duration, view.to)));
      if (right <= drawn[row]! && this.#choiceOf(view) !== each.index) continue;
      drawn[row] = right;
      this.#paintBar(each, { view, top: top + row * ROW, x });
    }
    const strip = top + placed.rows * ROW;
    this.#paintLines(placed.lines, { view, area, top: strip + 5 });
    for (const index of placed.marks) {
      const mark = this.#data.marks[index]!;
      if (mark.time < view.from || mark.time > view.to) continue;
      context.fillStyle = this.#colour(`mark-${mark.kind}`);
      context.beginPath();
      const centre = x(mark.time);
      context.moveTo(centre - 3, strip);
      context.lineTo(centre + 3, strip);
      context.lineTo(centre, strip + 6);
      context.fill();
    }
  }

  #paintBar(
    { span, index }: PlacedSpan,
    { view, top, x }: { view: TimeView; top: number; x: (time: number) => number },
  ): void {
    const context = this.#context;
    const left = Math.max(-2, x(span.start));
    const right = Math.min(x(view.to) + 2, x(span.end ?? this.#data.duration));
    const size = Math.max(MIN_BAR, right - left);
    this.#fill(colourOf(span), left, top + 1, size, ROW - 2);
    if (this.#choiceOf(view) === index) {
      context.strokeStyle = this.#colour("cursor");
      context.lineWidth = 2;
      context.strokeRect(left, top + 1, size, ROW - 2);
    }
    if (size < 24) return;
    context.save();
    context.beginPath();
    context.rect(left, top, size, ROW);
    context.clip();
    context.fillStyle = this.#colour("bar-text");
    context.fillText(span.label.slice(0, 120), Math.max(left, 0) + 3, top + ROW / 2 + 0.5);
    context.restore();
  }

  #paintLines(
    times: Float64Array,
    { view, area, top }: { view: TimeView; area: Area; top: number },
  ): void {
    const perPixel = (view.to - view.from) / area.width;
    this.#context.fillStyle = this.#colour("lines");
    for (let i = firstFrom(times, view.from); i < times.length && times[i]! <= view.to;) {
      const pixel = Math.floor((times[i]! - view.from) / perPixel);
      this.#context.fillRect(pixel, top, 1, STRIP - 5);
      i = firstFrom(times, view.from + (pixel + 1) * perPixel, i + 1);
    }
  }

  #choiceOf({ choice }: TimeView): number | undefined {
    return choice?.kind === "span" ? choice.index : undefined;
  }

  #fill(name: string, left: number, top: number, width: number, height: number): void {
    this.#context.fillStyle = this.#colour(name);
    this.#context.fillRect(left, top, width, height);
  }

  #colour(name: string): string {
    const known = this.#colours.get(name);
    if (known !== undefined) return known;
    const value = colour(name);
    this.#colours.set(name, value);
    return value;
  }
}

/** The first place, from `low` on, of a time that is not before another. */
export function firstFrom(times: Float64Array, time: number, low = 0): number {
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
