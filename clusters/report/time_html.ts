import { type Html, markup } from "./markup.ts";
import type { SpanKind } from "./report_data.ts";

/** What a time is told of, so that a link leads to that, and not to what happened beside it. */
export interface LinkedThing {
  /** The folder of its cluster. */
  readonly cluster?: string | undefined;
  /** The name of its node; `""`: it is in the lane of the tests. */
  readonly node: string;
  /** What sort of thing it is; a lane is the node itself. @default any */
  readonly kind?: SpanKind | "lane" | "mark" | undefined;
  /** The number of the process that it is. */
  readonly process?: number | undefined;
}

/** A moment, as a link to what is told of on the time line. */
export function timeHtml(time: number, thing?: LinkedThing): Html {
  const text = (time / 1000).toFixed(3);
  return markup`<a href="#t=${text}${thing ? thingPart(thing) : ""}">${text} s</a>`;
}

/** Nodes of several clusters, one after the other, may have one name. */
function thingPart({ cluster, node, kind, process }: LinkedThing): string {
  const name = node || "tests";
  const lane = cluster === undefined ? name : `${cluster}/${name}`;
  const which = process !== undefined
    ? `&process=${process}`
    : kind === undefined
    ? ""
    : `&kind=${kind}`;
  // A damaged record may have names that no address can have.
  return `&node=${encodeURIComponent(lane.toWellFormed())}${which}`;
}
