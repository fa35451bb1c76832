/// <reference lib="dom" />
import uPlot from "uplot";
import type { ReportData, ReportSeries } from "../report_data.ts";
import { bytesText } from "../bytes_text.ts";
import { type ChartBand, chartBands } from "./chart_bands.ts";
import { chartData, type ChartLine, commonLines, linesToShow } from "./chart_lines.ts";
import { colour, element } from "./dom.ts";
import { shortLaneName } from "./page_data.ts";
import type { TimeView } from "./time_view.ts";

/** Pixels of a chart. */
const HEIGHT = 160;

/** Distances of lines of a grid that are round numbers of bytes. */
const POWERS = Array.from({ length: 50 }, (_, i) => 2 ** i);

/** How a value of bytes is told: in the units in which limits are given. */
const BYTES: uPlot.Series = { value: (_, value) => value === null ? "--" : bytesText(value) };

/** What a chart shows, and for whom. */
export interface MetricChartOptions {
  readonly name: string;
  readonly series: readonly ReportSeries[];
  readonly data: ReportData;
  readonly view: TimeView;
  /** Gives the pixels to its left: as many as the names of lanes take. */
  readonly left: () => number;
}

/** One chart. It is made when it comes into view, and follows the time line as long as it is there. */
export class MetricChart {
  readonly node: HTMLElement;
  readonly #options: MetricChartOptions;
  #plot: uPlot | undefined;
  /** For which lane that was made. */
  #lane: number | undefined;
  #width = 0;
  #isVisible = false;
  /** What all series have in common, which is the same for each lane. */
  #common: readonly ChartLine[] | undefined;

  constructor(options: MetricChartOptions) {
    this.#options = options;
    const { name, series } = options;
    const error = series.reduce((most, { error = 0 }) => Math.max(most, error), 0);
    // What nodes used is told by their clocks; all else by that of the test's machine.
    const bound = error === 0 ? "" : `; its times may be wrong by ${error} ms`;
    this.node = element("figure", {}, element("figcaption", {}, `${name}${bound}`));
  }

  /** It has come into view, or has left it. */
  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    this.update();
  }

  /** It has so many pixels from now on. */
  setWidth(width: number): void {
    this.#width = width;
    this.#plot?.setSize({ width, height: HEIGHT });
    this.update();
  }

  /** Forgets how it looks, since the colours have changed. */
  restyle(): void {
    this.#drop();
    this.update();
  }

  /** Shows what the time line shows, if it is in view. */
  update(): void {
    if (!this.#isVisible || this.#width === 0) return;
    const { from, to, cursor, lane } = this.#options.view;
    if (lane !== this.#lane) this.#drop();
    this.#lane = lane;
    const plot = this.#plot ??= this.#make();
    plot.setScale("x", { min: from / 1000, max: to / 1000 });
    if (cursor === undefined) return;
    plot.setCursor({ left: plot.valToPos(cursor / 1000, "x"), top: HEIGHT / 3 }, false);
  }

  #drop(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #make(): uPlot {
    const { series, data, left } = this.#options;
    const bands = chartBands(data, this.#lane);
    const lines = linesToShow(series, {
      lane: this.#lane,
      nameOf: (lane) => shortLaneName(data, lane),
      common: () => this.#common ??= commonLines(series),
    });
    const isBytes = series.some(({ unit }) => /^bytes/.test(unit));
    const axis = { stroke: colour("text"), grid: { stroke: colour("grid"), width: 1 } };
    return new uPlot(
      {
        ...{ width: this.#width, height: HEIGHT },
        // The charts are below the lanes: the same time is at the same place.
        padding: [null, 0, null, 0],
        cursor: { y: false, drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: false } },
        axes: [{ ...axis, size: 30 }, {
          ...{ ...axis, size: left },
          values: (_, values) => values.map(isBytes ? bytesText : shortNumber),
          ...isBytes && { incrs: POWERS },
        }],
        series: [
          { label: "time in s" },
          ...lines.map((line, i) => ({ ...lineOptions(line, i), ...isBytes && BYTES })),
        ],
        hooks: {
          drawClear: [(plot: uPlot) => paintBands(plot, bands)],
          setSelect: [(plot: uPlot) => this.#zoom(plot)],
          ready: [(plot: uPlot) => plot.over.addEventListener("click", () => this.#click(plot))],
        },
      },
      chartData(lines),
      this.node,
    );
  }

  #zoom(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [from, to] = [left, left + width].map((x) => plot.posToVal(x, "x") * 1000);
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.#options.view.show(from!, to!);
  }

  #click(plot: uPlot): void {
    const { left = -1 } = plot.cursor;
    if (left >= 0) this.#options.view.setCursor(plot.posToVal(left, "x") * 1000);
  }
}

/** Below the lines, as on the time line. */
function paintBands(plot: uPlot, bands: readonly ChartBand[]): void {
  const { ctx: context, bbox: { left, top, width, height } } = plot;
  context.save();
  for (const { kind, start, end } of bands) {
    const [from, to] = [start, end].map((time) => plot.valToPos(time / 1000, "x", true));
    const [first, last] = [Math.max(left, from!), Math.min(left + width, to!)];
    if (last <= first) continue;
    context.fillStyle = colour(`band-${kind}`);
    context.fillRect(first, top, last - first, height);
  }
  context.restore();
}

function lineOptions({ label, dash }: ChartLine, i: number): uPlot.Series {
  return {
    label,
    stroke: colour(`chart-${i % 8}`),
    width: 1.5,
    spanGaps: true,
    ...dash && { dash: [...dash] },
  };
}

/** As in `1.2 M`. */
function shortNumber(value: number): string {
  const units = ["", " k", " M", " G", " T"];
  const power = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3)),
  );
  return `${Number((value / 1000 ** power).toPrecision(3))}${units[power]}`;
}
