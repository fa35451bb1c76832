/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { element, oncePerFrame } from "./dom.ts";
import { MetricChart } from "./metric_chart.ts";
import type { TimeView } from "./time_view.ts";

/** Pixels outside of the window within which charts are made already. */
const MARGIN = 300;

/** Pixels of a chart that is worth its axis. */
const MIN_WIDTH = 200;

/** Charts of what nodes used and of what the test has measured, under the same cursor as the time line. */
export class MetricsSection {
  readonly node: HTMLElement = element("div", { class: "charts" });
  readonly #view: TimeView;
  readonly #charts: ReadonlyMap<Element, MetricChart>;

  constructor(data: ReportData, view: TimeView) {
    this.#view = view;
    const byName = Map.groupBy(
      data.series,
      ({ name, unit }) => unit === "" ? name : `${name} (${unit})`,
    );
    const charts = [...byName].map(([name, series]) =>
      new MetricChart({ name, series, data, view })
    );
    this.#charts = new Map(charts.map((chart) => [chart.node, chart]));
    this.node.append(...this.#charts.keys());
  }

  /** Whether there is nothing to show. */
  get isEmpty(): boolean {
    return this.#charts.size === 0;
  }

  /** Shows the charts, now that it is in the page: each when it comes into view. */
  start(): void {
    this.#view.listen(oncePerFrame(() => this.#forEach((chart) => chart.update())));
    new ResizeObserver(() => {
      const width = Math.max(MIN_WIDTH, this.node.clientWidth);
      this.#forEach((chart) => chart.setWidth(width));
    }).observe(this.node);
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
