/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { type NamedMoment, nearestThing } from "./nearest_thing.ts";
import { laneName, laneOfName } from "./page_data.ts";
import type { TimeView } from "./time_view.ts";

/** What a link into the page says: `#t=12.3&node=b&process=7`, or `&kind=fault`. */
export interface PageLink extends Pick<NamedMoment, "kind"> {
  /** In milliseconds. */
  readonly time?: number | undefined;
  readonly node?: string | undefined;
  /** The number of a process of that node. */
  readonly process?: number | undefined;
}

/** What follows links. */
export interface LinkTarget {
  readonly view: TimeView;
  /** Brings a lane into view, and the time line with it. */
  readonly reveal: (lane: number | undefined) => void;
}

/** Reads what is behind the address of the page. */
export function parseLink(hash: string): PageLink {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const numberOf = (name: string) => Number.parseFloat(parameters.get(name) ?? "");
  const [time, process] = [numberOf("t"), numberOf("process")];
  const node = parameters.get("node") ?? undefined;
  const kind = parameters.get("kind") ?? undefined;
  return {
    ...Number.isFinite(time) && { time: time * 1000 },
    ...node !== undefined && { node },
    ...Number.isFinite(process) && { process },
    // Of what is no kind there is none to be found.
    ...kind !== undefined && { kind: kind as NamedMoment["kind"] },
  };
}

/** Has the page follow links into it, and its address say where the cursor is. */
export function followLinks(data: ReportData, target: LinkTarget): void {
  const { view } = target;
  const follow = (hash: string) => followLink(data, { ...target, link: parseLink(hash) });
  addEventListener("hashchange", () => follow(location.hash));
  // A link to where the page is already changes no address, and is followed all the same.
  addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a");
    const hash = link && link.getAttribute("href");
    if (hash && hash === location.hash) follow(hash);
  });
  // What follows every click is not to be a step back.
  view.listen(({ cursor, lane }) => {
    if (cursor === undefined) return;
    const node = lane === undefined ? "" : `&node=${encodeURIComponent(laneName(data, lane))}`;
    const hash = `#t=${(cursor / 1000).toFixed(3)}${node}`;
    if (hash !== location.hash) history.replaceState(null, "", hash);
  });
  follow(location.hash);
}

/** Puts the cursor where a link says, chooses what was there, and brings it into view. */
function followLink(
  data: ReportData,
  { view, reveal, link: { time, node, process, kind } }: LinkTarget & { readonly link: PageLink },
): void {
  const named = node === undefined ? undefined : laneOfName(data, node);
  if (time === undefined && named === undefined) return;
  if (time !== undefined) {
    view.choice = nearestThing(data, { time, lane: named, process, kind });
    view.lane = named ?? laneOfChoice(data, view);
  } else view.lane = named;
  reveal(view.lane);
  if (time === undefined) view.changed();
  else view.setCursor(time);
}

function laneOfChoice({ spans, marks }: ReportData, { choice }: TimeView): number | undefined {
  if (!choice || choice.kind === "lane") return choice?.index;
  return (choice.kind === "span" ? spans : marks)[choice.index]?.lane;
}
