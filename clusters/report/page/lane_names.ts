/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { element } from "./dom.ts";
import type { PlacedLane } from "./lane_layout.ts";
import type { Area } from "./lane_painter.ts";
import { laneName, shortLaneName } from "./page_data.ts";
import type { TimeView } from "./time_view.ts";

/** The names of the lanes, beside them: of those that are visible, for there may be thousands. */
export class LaneNames {
  readonly node: HTMLElement = element("div", { class: "names" });
  readonly #data: ReportData;
  readonly #view: TimeView;
  readonly #lanes: readonly PlacedLane[];
  /** What is shown: most changes of the view, as when it moves, change nothing here. */
  #shown = "";
  #lane: number | undefined;

  constructor(
    data: ReportData,
    { view, lanes }: { readonly view: TimeView; readonly lanes: readonly PlacedLane[] },
  ) {
    [this.#data, this.#view, this.#lanes] = [data, view, lanes];
  }

  /** Shows those that are in an area. The one that has the focus keeps it. */
  show({ scrolled, height }: Area): void {
    const shown = this.#lanes.keys().filter((lane) => {
      const { top, height: size } = this.#lanes[lane]!;
      return top + size >= scrolled && top <= scrolled + height;
    }).toArray();
    const state = `${shown.join()} ${this.#view.lane}`;
    if (state === this.#shown) return;
    this.#shown = state;
    const names = shown.map((lane) => this.#button(lane));
    const focused = document.activeElement?.closest(".names button")?.getAttribute("title");
    this.node.replaceChildren(...names);
    // Keys that choose another lane take the focus with them.
    const { lane } = this.#view;
    const isMoved = lane !== undefined && lane !== this.#lane;
    this.#lane = lane;
    if (!focused) return;
    const title = isMoved ? laneName(this.#data, lane) : focused;
    const next = this.node.querySelector<HTMLElement>(`[title="${CSS.escape(title)}"]`);
    next?.focus({ preventScroll: true });
  }

  #button(lane: number): HTMLElement {
    const { top, height } = this.#lanes[lane]!;
    const button = element(
      "button",
      {
        ...{ type: "button", title: laneName(this.#data, lane) },
        "aria-pressed": `${this.#view.lane === lane}`,
      },
      shortLaneName(this.#data, lane),
    );
    button.style.top = `${top}px`;
    button.style.height = `${height - 1}px`;
    button.addEventListener("click", () => this.#choose(lane));
    return button;
  }

  /** A second time it is given up again; what is told of it stays. */
  #choose(lane: number): void {
    const view = this.#view;
    const { choice } = view;
    const isChosen = view.lane === lane && choice?.kind === "lane" && choice.index === lane;
    view.lane = isChosen ? undefined : lane;
    if (!isChosen) view.choice = { kind: "lane", index: lane };
    view.changed();
  }
}
