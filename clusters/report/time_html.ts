import { type Html, markup } from "./markup.ts";

/** A moment, as a link to it on the time line. */
export function timeHtml(time: number): Html {
  const text = (time / 1000).toFixed(3);
  return markup`<a href="#t=${text}">${text} s</a>`;
}
