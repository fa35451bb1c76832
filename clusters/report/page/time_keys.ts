/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import type { PlacedLane } from "./lane_layout.ts";
import type { Choice, TimeView } from "./time_view.ts";

/** What keys work on. */
export interface KeyTarget {
  readonly data: ReportData;
  readonly view: TimeView;
  readonly lanes: readonly PlacedLane[];
  /** Brings a lane into view. */
  readonly reveal: (lane: number) => void;
}

/**
 * Has keys do what can be done with a wheel and by clicking, wherever in the time line the focus is. The
 * name of a lane is chosen by Enter first, as any button.
 */
export function bindTimeKeys(timeline: HTMLElement, target: KeyTarget): void {
  const { view } = target;
  const actions: Readonly<Record<string, () => void>> = {
    "ArrowLeft": () => view.pan(-0.1),
    "ArrowRight": () => view.pan(0.1),
    "ArrowUp": () => moveLane(target, -1),
    "ArrowDown": () => moveLane(target, 1),
    "+": () => view.zoom(1 / 2, view.cursor),
    "=": () => view.zoom(1 / 2, view.cursor),
    "-": () => view.zoom(2, view.cursor),
    "0": () => view.showAll(),
    "Enter": () => moveChoice(target, 1),
    "Backspace": () => moveChoice(target, -1),
  };
  timeline.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    const button = event.target instanceof Element && event.target.closest(".names button");
    if (event.key === "Enter" && button && button.getAttribute("aria-pressed") !== "true") return;
    event.preventDefault();
    action();
  });
}

function moveLane({ view, lanes, reveal }: KeyTarget, by: number): void {
  if (lanes.length === 0) return;
  const next = view.lane === undefined ? 0 : view.lane + by;
  view.lane = Math.min(Math.max(next, 0), lanes.length - 1);
  reveal(view.lane);
  view.changed();
}

/** Goes to the next thing in the lane, in the order of time. */
function moveChoice({ data, view, lanes }: KeyTarget, by: number): void {
  const lane = lanes[view.lane ?? 0];
  if (!lane) return;
  const things: { readonly time: number; readonly choice: Choice }[] = [
    ...lane.spans.map(({ index, span }) => ({
      time: span.start,
      choice: { kind: "span", index } as const,
    })),
    ...lane.marks.map((index) => ({
      time: data.marks[index]!.time,
      choice: { kind: "mark", index } as const,
    })),
  ].sort((a, b) => a.time - b.time);
  const { choice } = view;
  const now = things.findIndex((each) =>
    each.choice.kind === choice?.kind && each.choice.index === choice.index
  );
  const next = things[now < 0 && by < 0 ? things.length - 1 : now + by];
  if (!next) return;
  view.choice = next.choice;
  view.setCursor(next.time);
}
