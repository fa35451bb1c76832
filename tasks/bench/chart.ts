import type { Report, RowReport } from "./report.ts";
import { formatRatio } from "./table.ts";

/** Pixels of the image, of its labels, and of what is around the bars. */
const WIDTH = 960;
const LABEL_WIDTH = 470;
const BAR_HEIGHT = 14;
const LINE_HEIGHT = 20;
const TOP = 46;

/** Ratios beyond these reach the edge; the label has the number. */
const [NARROWEST, WIDEST] = [1 / 4, 32];

/** Colors for light pages, and for dark ones. */
const STYLE = `text { fill: #1f2328 } .axis { stroke: #59636e } ` +
  `.ahead { fill: #1a7f37 } .behind { fill: #bc4c00 } ` +
  `@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .axis { stroke: #9198a1 } ` +
  `.ahead { fill: #3fb950 } .behind { fill: #db6d28 } }`;

/** One bar: how ours compares to one peer in one row. */
interface Bar {
  readonly label: string;
  readonly ratio: number;
}

/**
 * The ratios to what people would pick instead as an SVG image, on a logarithmic scale: to the right
 * of the line ours is ahead, to the left the peer is. Each row says which of its peers are in it.
 */
export function drawChart({ rows, machine }: Report): string {
  const bars = rows.flatMap(barsOf);
  const height = TOP + bars.length * LINE_HEIGHT + 16;
  const zero = place(1).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12">`,
    `<style>${STYLE}</style>`,
    text(`How many times faster than …, on ${machine.cores} cores (${machine.cpu})`, 10, 18),
    ...[1 / 4, 1 / 2, 1, 2, 4, 8, 16, WIDEST].map((ratio) => tick(ratio, height)),
    `<line class="axis" x1="${zero}" x2="${zero}" y1="${TOP - 6}" y2="${height - 10}"/>`,
    ...bars.flatMap(drawBar),
    "</svg>",
    "",
  ].join("\n");
}

function barsOf({ title, contenders, charted }: RowReport): Bar[] {
  return contenders.flatMap(({ name, ratio }) =>
    ratio === null || !charted.includes(name) ? [] : [{ label: `${title} — ${name}`, ratio }]
  );
}

function drawBar({ label, ratio }: Bar, index: number): string[] {
  const y = TOP + index * LINE_HEIGHT;
  const [zero, end] = [place(1), place(ratio)];
  const x = Math.min(zero, end).toFixed(1);
  const width = Math.abs(end - zero).toFixed(1);
  const side = ratio >= 1 ? "ahead" : "behind";
  return [
    text(label, 10, y + 11),
    `<rect class="${side}" x="${x}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
    text(formatRatio(ratio).split(" ")[0]!, Math.max(zero, end) + 4, y + 11),
  ];
}

function tick(ratio: number, height: number): string {
  const x = place(ratio).toFixed(1);
  const label = ratio >= 1 ? `${ratio}×` : `1/${1 / ratio}`;
  return `<line class="axis" x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${height - 10}" ` +
    `stroke-opacity="0.2"/>\n${text(label, Number(x) - 6, TOP - 10)}`;
}

/** Where a ratio is on the scale. */
function place(ratio: number): number {
  const [least, most] = [Math.log2(NARROWEST), Math.log2(WIDEST)];
  const share = (Math.min(most, Math.max(least, Math.log2(ratio))) - least) / (most - least);
  return LABEL_WIDTH + share * (WIDTH - LABEL_WIDTH - 60);
}

function text(content: string, x: number, y: number): string {
  return `<text x="${x.toFixed(1)}" y="${y}">${escape(content)}</text>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
