import type { ReportSeries } from "../report_data.ts";

/** Lines that a chart has at most. */
const MAX_LINES = 8;

/** Kinds of lines of a node, as its memory, the limit and the peak of that, of which all nodes have some. */
const MAX_LABELS = 3;

/** Nodes that have lines of their own beside what all have in common. */
const MAX_MAIN = MAX_LINES - MAX_LABELS + 1;

/** How the highest value of all is called. */
const HIGHEST = "highest";

/** How the series of what a node may use is called, which is drawn as a line of its own sort. */
const LIMIT = "limit";

/** A line of a chart. */
export interface ChartLine {
  readonly label: string;
  /** In seconds. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly dash?: readonly number[];
}

/**
 * The lines of a chart: all series, if they are few, or those of a few nodes, and the highest limit and peak
 * of all; of many those of the lane that is chosen, and what all
 * have in common; or, if that means nothing, those with the largest peaks.
 */
export function linesToShow(
  series: readonly ReportSeries[],
  { lane, nameOf, common = () => commonLines(series) }: {
    readonly lane: number | undefined;
    readonly nameOf: (lane: number) => string;
    /** Gives what all have in common, which is the same for each lane. */
    readonly common?: () => readonly ChartLine[];
  },
): ChartLine[] {
  const line = (each: ReportSeries): ChartLine => {
    const node = each.lane === undefined ? "" : nameOf(each.lane);
    const label = [node, each.label].filter((part) => part).join(" ") || each.name;
    const times = each.times.map((time) => time / 1000);
    return { label, times, values: each.values, ...each.label === LIMIT && { dash: [2, 4] } };
  };
  if (series.length <= MAX_LINES) return series.map(line);
  const [main, others] = [series.filter(isMain), series.filter((each) => !isMain(each))];
  if (main.length > 0 && main.length <= MAX_MAIN) {
    const common = commonLines(others).filter(({ label }) => label.startsWith(HIGHEST));
    return [...main.map(line), ...common].slice(0, MAX_LINES);
  }
  return linesOfMany(series, { lane, line, common });
}

/** Of a node's memory that is itself, as opposed to its limit. */
function isMain({ label }: ReportSeries): boolean {
  return label === undefined;
}

function linesOfMany(
  series: readonly ReportSeries[],
  { lane, line, common }: {
    readonly lane: number | undefined;
    readonly line: (series: ReportSeries) => ChartLine;
    readonly common: () => readonly ChartLine[];
  },
): ChartLine[] {
  const chosen = lane === undefined ? [] : series.filter((each) => each.lane === lane);
  const isSame = new Set(series.map(({ label = "" }) => label)).size <= MAX_LABELS;
  const others = isSame ? common() : (chosen.length > 0 ? [] : byPeak(series)).map(line);
  return [...chosen.map(line), ...others].slice(0, MAX_LINES);
}

function byPeak(series: readonly ReportSeries[]): ReportSeries[] {
  const peak = ({ values }: ReportSeries) =>
    values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  return series.map((each) => ({ each, peak: peak(each) }))
    .sort((a, b) => b.peak - a.peak).map(({ each }) => each);
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

/** The middle and the highest value of all series of each label, by the second. */
export function commonLines(series: readonly ReportSeries[]): ChartLine[] {
  return [...Map.groupBy(series, ({ label = "" }) => label)]
    .flatMap(([label, those]) => commonOf(those, label));
}

function commonOf(series: readonly ReportSeries[], name: string): ChartLine[] {
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
  return [["middle", 0.5], [HIGHEST, 1]].map(([label, part]) => ({
    label: `${label} of all${name === "" ? "" : `: ${name}`}`,
    times: seconds,
    values: at(part as number),
    dash: name === LIMIT ? [2, 4] : [4, 4],
  }));
}
