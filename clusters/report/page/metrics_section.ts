/// <reference lib="dom" />
import type { ReportData, ReportSeries } from "../report_data.ts";
import uPlot from "uplot";
import { colour, element } from "./dom.ts";
import { chartData, type ChartLine, linesToShow } from "./chart_lines.ts";
import { laneName } from "./page_data.ts";
import type { TimeView } from "./time_view.ts";

/** Pixels of a chart. */
const HEIGHT = 160;

/** Pixels to its left, as many as the names of lanes take. */
const LEFT = 177;

/** Charts of what nodes used and of what the test has measured, under the same cursor as the time line. */
export class MetricsSection {
  readonly node: HTMLElement = element("div", { class: "charts" });
  readonly #data: ReportData;
  readonly #view: TimeView;
  readonly #charts: readonly (readonly [name: string, series: readonly ReportSeries[]])[];
  #plots: uPlot[] = [];
  /** The lane of which nodes are shown: `null` before any was. */
  #lane: number | null | undefined = null;

  constructor(data: ReportData, view: TimeView) {
    [this.#data, this.#view] = [data, view];
    this.#charts = [
      ...Map.groupBy(data.series, ({ name, unit }) => unit === "" ? name : `${name} (${unit})`),
    ];
  }

  /** Whether there is nothing to show. */
  get isEmpty(): boolean {
    return this.#charts.length === 0;
  }

  /** Shows the charts, now that it is in the page. */
  start(): void {
    if (this.isEmpty) return;
    this.#update();
    this.#view.listen(() => this.#update());
    new ResizeObserver(() => {
      for (const plot of this.#plots) plot.setSize({ width: this.#width, height: HEIGHT });
    }).observe(this.node);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#make());
  }

  get #width(): number {
    return Math.max(200, this.node.clientWidth);
  }

  #update(): void {
    const { lane, from, to, cursor } = this.#view;
    if (lane !== this.#lane) {
      this.#lane = lane;
      this.#make();
    }
    for (const plot of this.#plots) {
      plot.setScale("x", { min: from / 1000, max: to / 1000 });
      if (cursor === undefined) continue;
      plot.setCursor({ left: plot.valToPos(cursor / 1000, "x"), top: HEIGHT / 3 }, false);
    }
  }

  #make(): void {
    for (const plot of this.#plots) plot.destroy();
    this.node.replaceChildren();
    this.#plots = this.#charts.map(([name, series]) => this.#chart(name, series));
  }

  #chart(name: string, series: readonly ReportSeries[]): uPlot {
    const lines = linesToShow(series, {
      lane: this.#lane ?? undefined,
      nameOf: (lane) => laneName(this.#data, lane),
    });
    const box = element("figure", {}, element("figcaption", {}, name));
    this.node.append(box);
    const axis = { stroke: colour("text"), grid: { stroke: colour("grid"), width: 1 }, size: LEFT };
    return new uPlot(
      {
        ...{ width: this.#width, height: HEIGHT },
        // The charts are below the lanes: the same time is at the same place.
        padding: [null, 0, null, 0],
        cursor: { y: false, drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: false } },
        axes: [{ ...axis, size: 30 }, { ...axis, values: (_, values) => values.map(shortNumber) }],
        series: [{ label: "s" }, ...lines.map(lineOptions)],
        hooks: {
          setSelect: [(plot: uPlot) => this.#zoom(plot)],
          ready: [(plot: uPlot) => plot.over.addEventListener("click", () => this.#click(plot))],
        },
      },
      chartData(lines),
      box,
    );
  }

  #zoom(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [from, to] = [left, left + width].map((x) => plot.posToVal(x, "x") * 1000);
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.#view.show(from!, to!);
  }

  #click(plot: uPlot): void {
    const { left = -1 } = plot.cursor;
    if (left >= 0) this.#view.setCursor(plot.posToVal(left, "x") * 1000);
  }
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
