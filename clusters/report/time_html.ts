import { type Html, markup } from "./markup.ts";

/** A moment, as a link to it on the time line; `lane` is that of what happened then. */
export function timeHtml(
  time: number,
  lane?: { readonly cluster?: string | undefined; readonly node: string },
): Html {
  const text = (time / 1000).toFixed(3);
  return markup`<a href="#t=${text}${lane ? nodePart(lane) : ""}">${text} s</a>`;
}

/** Nodes of several clusters, one after the other, may have one name. */
function nodePart({ cluster, node }: { cluster?: string | undefined; node: string }): string {
  const name = node || "tests";
  return `&node=${encodeURIComponent(cluster === undefined ? name : `${cluster}/${name}`)}`;
}
