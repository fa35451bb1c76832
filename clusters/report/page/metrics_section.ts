/// <reference lib="dom" />
import type { ReportData, ReportSeries } from "../report_data.ts";
import { element, oncePerFrame } from "./dom.ts";
import { MetricChart, type MetricChartOptions } from "./metric_chart.ts";

/** Pixels outside of the window within which charts are made already. */
const MARGIN = 300;

/** Pixels of a chart that is worth its axis. */
const MIN_WIDTH = 200;

/** Charts of what nodes used and of what the test has measured, under the same cursor as the time line. */
export class MetricsSection {
  readonly node: HTMLElement = element("div", { class: "charts" });
  readonly #view: MetricChartOptions["view"];
  readonly #charts: ReadonlyMap<Element, MetricChart>;

  constructor(data: ReportData, { view, left }: Pick<MetricChartOptions, "left" | "view">) {
    this.#view = view;
    const byName = Map.groupBy(
      data.series,
      ({ name, unit }) => unit === "" ? name : `${name} (${unit})`,
    );
    const all = [...byName].map(([name, series]) => ({ name, series }));
    const [idle, others] = [all.filter(isIdle), all.filter((each) => !isIdle(each))];
    const charts = others.map((each) => new MetricChart({ ...each, data, view, left }));
    this.#charts = new Map(charts.map((chart) => [chart.node, chart]));
    this.node.append(...this.#charts.keys());
    if (idle.length === 0) return;
    const names = idle.map(({ name }) => name).join(", ");
    this.node.append(element("p", { class: "hint" }, `Always 0 on all nodes: ${names}.`));
  }

  /** Whether there is nothing to show. */
  get isEmpty(): boolean {
    return this.node.childElementCount === 0;
  }

  /** Shows the charts, now that it is in the page: each when it comes into view. */
  start(): void {
    this.#view.listen(oncePerFrame(() => this.#forEach((chart) => chart.update())));
    // Charts change the height of what is observed: not while that is told, which would be an error.
    const resize = oncePerFrame(() => {
      const width = Math.max(MIN_WIDTH, this.node.clientWidth);
      this.#forEach((chart) => chart.setWidth(width));
    });
    new ResizeObserver(resize).observe(this.node);
    const visible = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        this.#charts.get(target)!.setVisible(isIntersecting);
      }
    }, { rootMargin: `${MARGIN}px` });
    this.#forEach(({ node }) => visible.observe(node));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#forEach((chart) => chart.restyle());
    });
  }

  #forEach(action: (chart: MetricChart) => void): void {
    for (const chart of this.#charts.values()) action(chart);
  }
}

/** Whether a chart would be a line at its bottom. */
function isIdle({ series }: { readonly series: readonly ReportSeries[] }): boolean {
  return series.every(({ values }) => values.every((value) => value === 0 || value === null));
}
