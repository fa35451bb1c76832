import type { ReportData } from "../report_data.ts";
import type { Choice } from "./time_view.ts";

/** What a link into the page names, besides a time. */
export interface NamedMoment {
  /** In milliseconds. */
  readonly time: number;
  /** Only what is in this lane. @default all lanes */
  readonly lane?: number | undefined;
  /** The number of a process that is meant, whatever else happened then. @default none */
  readonly process?: number | undefined;
}

/**
 * The thing that began, ended or happened nearest to a time: of several the one that failed, for that is
 * what links are followed for, and else the latest of the record. A process that is named is the one.
 */
export function nearestThing(data: ReportData, moment: NamedMoment): Choice | undefined {
  const { lane, process } = moment;
  const named = process === undefined
    ? -1
    : data.spans.findIndex((span) => span.process === process && span.lane === lane);
  if (named >= 0) return { kind: "span", index: named };
  let [choice, least]: [Choice | undefined, number] = [undefined, Infinity];
  for (const { kind, index, away } of distances(data, moment)) {
    if (away <= least) [choice, least] = [{ kind, index }, away];
  }
  return choice;
}

/** How far all things are from a time; what failed counts as half a rounding nearer. */
function* distances(
  { spans, marks }: ReportData,
  { time, lane }: NamedMoment,
): Generator<Choice & { readonly away: number }> {
  // Links have whole milliseconds, things have tenths.
  const from = (at: number) => Math.round(Math.abs(at - time));
  for (const [index, { lane: its, time: at, kind }] of marks.entries()) {
    if (lane !== undefined && its !== lane) continue;
    yield { kind: "mark", index, away: from(at) - (kind === "failure" ? 0.5 : 0) };
  }
  for (
    const [index, { lane: its, start, end = Infinity, settled = start, state, concerns }] of spans
      .entries()
  ) {
    if (lane !== undefined && its !== lane && !concerns?.includes(lane)) continue;
    const away = Math.min(from(start), from(settled), from(end));
    yield { kind: "span", index, away: away - (state === "failed" ? 0.5 : 0) };
  }
}
