/// <reference lib="dom" />
import type { ReportData } from "../report_data.ts";
import { colourOf } from "./colour_of.ts";
import { element } from "./dom.ts";
import { isBand } from "./lane_layout.ts";

/** What the colours of bars mean, in the order in which they are explained. */
const BARS: Readonly<Record<string, string>> = {
  "bar-failed": "failed",
  "bar-interrupted": "interrupted: the process that ran the test has ended",
  "bar-process-ok": "process that ended with code 0",
  "bar-process-asked": "process that the test ended, or that was given back",
  "bar-process-open": "process that had not ended",
  "bar-test": "test",
  "bar-step": "step",
  "bar-wait": "wait",
  "bar-work": "work of the backend",
  "bar-action": "kill, pause, start and the like",
  "bar-transfer": "files moved",
  "bar-tunnel": "connection",
};

/** What the colours behind bars mean. */
const BANDS: Readonly<Record<string, string>> = {
  "band-fault": "fault; lighter while it is made, and while it is healed",
  "band-down": "node is down",
  "band-paused": "node is paused",
};

/** What triangles below the bars mean. */
const MARKS: Readonly<Record<string, string>> = {
  "mark-failure": "failure",
  "mark-note": "note",
  "mark-event": "event",
};

/** Says what colours and signs mean: those that this run has. */
export function legend({ spans, marks, outputs }: ReportData): HTMLElement {
  const bars = new Set(spans.filter((span) => !isBand(span)).map(colourOf));
  const bands = new Set(spans.filter(isBand).map(({ kind }) => `band-${kind}`));
  const signs = new Set(marks.map(({ kind }) => `mark-${kind}`));
  return element(
    "ul",
    { class: "legend", "aria-label": "Colours and signs" },
    ...items(BARS, { seen: bars, sign: "■" }),
    ...items(BANDS, { seen: bands, sign: "▌" }),
    ...items(MARKS, { seen: signs, sign: "▼" }),
    ...outputs.length > 0 ? items({ lines: "line written" }, { sign: "|" }) : [],
  );
}

function items(
  names: Readonly<Record<string, string>>,
  { seen, sign }: { readonly seen?: ReadonlySet<string>; readonly sign: string },
): HTMLElement[] {
  return Object.entries(names).filter(([name]) => !seen || seen.has(name)).map(([name, text]) => {
    const swatch = element("span", { "aria-hidden": "true" }, sign);
    swatch.style.color = `var(--${name})`;
    return element("li", {}, swatch, ` ${text}`);
  });
}
