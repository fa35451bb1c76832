/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { laneName, laneOfName } from "./page_data.ts";
import type { TimeView } from "./time_view.ts";

/** What a link into the page says: `#t=12.3&node=b`. */
export interface PageLink {
  /** In milliseconds. */
  readonly time?: number | undefined;
  readonly node?: string | undefined;
}

/** Reads what is behind the address of the page. */
export function parseLink(hash: string): PageLink {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const time = Number.parseFloat(parameters.get("t") ?? "");
  const node = parameters.get("node") ?? undefined;
  return { ...Number.isFinite(time) && { time: time * 1000 }, ...node !== undefined && { node } };
}

/** Has the page follow links into it, and its address say where the cursor is. */
export function followLinks(
  data: ReportData,
  { view, reveal }: { readonly view: TimeView; readonly reveal: (lane: number) => void },
): void {
  const follow = () => {
    const { time, node } = parseLink(location.hash);
    const lane = node === undefined ? undefined : laneOfName(data, node);
    if (lane !== undefined) {
      view.lane = lane;
      reveal(lane);
    }
    if (time !== undefined) view.setCursor(time);
    else if (lane !== undefined) view.changed();
  };
  addEventListener("hashchange", follow);
  // What follows every click is not to be a step back.
  view.listen(({ cursor, lane }) => {
    if (cursor === undefined) return;
    const node = lane === undefined ? "" : `&node=${encodeURIComponent(laneName(data, lane))}`;
    const hash = `#t=${(cursor / 1000).toFixed(3)}${node}`;
    if (hash !== location.hash) history.replaceState(null, "", hash);
  });
  follow();
}
