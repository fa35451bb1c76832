import type { Report, RowReport } from "./report.ts";
import { formatRatio } from "./table.ts";

const WIDTH = 860;
const LABEL_WIDTH = 330;
const BAR_HEIGHT = 14;
const LINE_HEIGHT = 20;
const TOP = 46;

/** Ratios beyond this reach the edge; the label has the number. */
const WIDEST = 32;

/** Colors that read on light and on dark pages. */
const COLORS = { ahead: "#2da44e", behind: "#cf5a3c", text: "#7d8590", axis: "#7d8590" };

/** One bar: how ours compares to one peer in one row. */
interface Bar {
  readonly label: string;
  readonly ratio: number;
}

/**
 * The ratios to all peers as an SVG image, on a logarithmic scale: to the right of the line ours is
 * ahead, to the left the peer is. Rows without peers have no place in it.
 */
export function drawChart({ rows, machine }: Report): string {
  const bars = rows.flatMap(barsOf);
  const height = TOP + bars.length * LINE_HEIGHT + 16;
  const zero = place(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="${COLORS.text}">`,
    text(`How many times faster than …, on ${machine.cores} cores (${machine.cpu})`, 10, 18),
    ...[1 / 8, 1 / 2, 1, 2, 8, WIDEST].map((ratio) => tick(ratio, height)),
    `<line x1="${zero}" x2="${zero}" y1="${TOP - 6}" y2="${height - 10}" stroke="${COLORS.axis}"/>`,
    ...bars.flatMap(drawBar),
    "</svg>",
    "",
  ].join("\n");
}

function barsOf({ title, contenders }: RowReport): Bar[] {
  return contenders.flatMap(({ name, ratio }) =>
    ratio === null ? [] : [{ label: `${title} — ${name}`, ratio }]
  );
}

function drawBar({ label, ratio }: Bar, index: number): string[] {
  const y = TOP + index * LINE_HEIGHT;
  const [zero, end] = [place(1), place(ratio)];
  const color = ratio >= 1 ? COLORS.ahead : COLORS.behind;
  const x = Math.min(zero, end).toFixed(1);
  const width = Math.abs(end - zero).toFixed(1);
  const short = label.length > 56 ? `${label.slice(0, 55)}…` : label;
  return [
    text(short, 10, y + 11),
    `<rect x="${x}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2" fill="${color}"/>`,
    text(formatRatio(ratio).split(" ")[0]!, Math.max(zero, end) + 4, y + 11),
  ];
}

function tick(ratio: number, height: number): string {
  const x = place(ratio).toFixed(1);
  const label = ratio >= 1 ? `${ratio}×` : `1/${1 / ratio}`;
  return `<line x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${height - 10}" stroke="${COLORS.axis}" ` +
    `stroke-opacity="0.2"/>\n${text(label, Number(x) - 6, TOP - 10)}`;
}

/** Where a ratio is on the scale. */
function place(ratio: number): number {
  const [least, most] = [Math.log2(1 / 8), Math.log2(WIDEST)];
  const share = (Math.min(most, Math.max(least, Math.log2(ratio))) - least) / (most - least);
  return LABEL_WIDTH + 20 + share * (WIDTH - LABEL_WIDTH - 80);
}

function text(content: string, x: number, y: number): string {
  return `<text x="${x.toFixed(1)}" y="${y}">${escape(content)}</text>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
