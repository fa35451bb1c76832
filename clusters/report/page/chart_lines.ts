import type { ReportSeries } from "../report_data.ts";

/** Nodes that have a line each: of more, the lowest, the middle and the highest values are shown. */
const MAX_LINES = 8;

/** A line of a chart. */
export interface ChartLine {
  readonly label: string;
  /** In seconds. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly dash?: readonly number[];
}

/** The lines of a chart: of the lane that is chosen, or of all; of many, what they have in common. */
export function linesToShow(
  series: readonly ReportSeries[],
  { lane, nameOf }: {
    readonly lane: number | undefined;
    readonly nameOf: (lane: number) => string;
  },
): ChartLine[] {
  const chosen = series.filter((each) => each.lane === lane);
  const isChosen = lane !== undefined && chosen.length > 0;
  const shown = isChosen || series.length <= MAX_LINES ? (isChosen ? chosen : series) : [];
  const lines = shown.slice(0, MAX_LINES).map((each): ChartLine => {
    const node = each.lane === undefined ? "" : nameOf(each.lane);
    const label = [node, each.label].filter((part) => part).join(" ") || each.name;
    return { label, times: each.times.map((time) => time / 1000), values: each.values };
  });
  return isChosen && series.length > 1 || lines.length === 0
    ? [...lines, ...commonLines(series)]
    : lines;
}

/** What uPlot takes: one list of times, and the values of each line at these. */
export function chartData(
  lines: readonly ChartLine[],
): [number[], ...(number | null | undefined)[][]] {
  const times = [...new Set(lines.flatMap((line) => line.times))].sort((a, b) => a - b);
  const places = new Map(times.map((time, i) => [time, i]));
  const values = lines.map((line) => {
    const all: (number | null | undefined)[] = Array(times.length).fill(undefined);
    for (const [i, time] of line.times.entries()) all[places.get(time)!] = line.values[i];
    return all;
  });
  return [times, ...values];
}

/** The lowest, the middle and the highest value of all series, by the second. */
function commonLines(series: readonly ReportSeries[]): ChartLine[] {
  const bySecond = new Map<number, number[]>();
  for (const { times, values } of series) {
    for (const [i, time] of times.entries()) {
      const value = values[i];
      if (value === null || value === undefined) continue;
      const second = Math.round(time / 1000);
      const known = bySecond.get(second);
      if (known) known.push(value);
      else bySecond.set(second, [value]);
    }
  }
  const seconds = [...bySecond.keys()].sort((a, b) => a - b);
  const sorted = seconds.map((second) => bySecond.get(second)!.sort((a, b) => a - b));
  const at = (part: number) =>
    sorted.map((values) => values[Math.floor((values.length - 1) * part)]!);
  return [["lowest", 0], ["middle", 0.5], ["highest", 1]].map(([label, part]) => ({
    label: `${label} of all`,
    times: seconds,
    values: at(part as number),
    dash: [4, 4],
  }));
}
