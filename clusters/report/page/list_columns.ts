/// <reference lib="dom" />
import { element } from "./dom.ts";

/** Pixels of a list that lines do not have: its scroll bar and its margins. */
const MARGIN = 36;

/** Characters of which the width is measured. */
const PROBE = 50;

/** The least that a row has, in a window that shows nothing. */
const MIN_COLUMNS = 20;

/** Characters that a row of a list has room for, beside a scroll bar. */
export function columnsOf(list: HTMLElement): number {
  const probe = element("span", { class: "probe" }, "0".repeat(PROBE));
  list.append(probe);
  const width = probe.getBoundingClientRect().width / PROBE;
  probe.remove();
  return Math.max(MIN_COLUMNS, Math.floor((list.offsetWidth - MARGIN) / Math.max(1, width)));
}
