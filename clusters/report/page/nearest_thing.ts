import type { ReportData, SpanKind } from "../report_data.ts";
import type { Choice } from "./time_view.ts";

/** What a link into the page names, besides a time. */
export interface NamedMoment {
  /** In milliseconds. */
  readonly time: number;
  /** Only what is in this lane. @default all lanes */
  readonly lane?: number | undefined;
  /** The number of a process that is meant, whatever else happened then. @default none */
  readonly process?: number | undefined;
  /** What sort of thing is meant: `"lane"` is the node itself. @default any */
  readonly kind?: SpanKind | "lane" | "mark" | undefined;
}

/**
 * The thing that began, ended or happened nearest to a time: of several the one that failed, for that is
 * what links are followed for, and else the latest of the record. A process that is named is the one, and of
 * a kind that is named it is the nearest, if there is any.
 */
export function nearestThing(data: ReportData, moment: NamedMoment): Choice | undefined {
  const { lane, process, kind } = moment;
  if (kind === "lane" && lane !== undefined) return { kind, index: lane };
  const named = process === undefined
    ? -1
    : data.spans.findIndex((span) => span.process === process && span.lane === lane);
  if (named >= 0) return { kind: "span", index: named };
  if (kind === undefined) return nearest(distances(data, moment));
  const ofKind = distances(data, moment).filter((each) =>
    isOfKind(data, { ...each, wanted: kind })
  );
  return nearest(ofKind) ?? nearest(distances(data, moment));
}

function isOfKind(
  { spans }: ReportData,
  { kind, index, wanted }: Choice & { readonly wanted: string },
): boolean {
  return kind === "span" ? spans[index]!.kind === wanted : wanted === "mark";
}

function nearest(things: Iterable<Choice & { readonly away: number }>): Choice | undefined {
  let [choice, least]: [Choice | undefined, number] = [undefined, Infinity];
  for (const { kind, index, away } of things) {
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
    const [index, { lane: its, state, concerns, ...times }] of spans.entries()
  ) {
    const { start, settled = start, end = Infinity, healing = end } = times;
    if (lane !== undefined && its !== lane && !concerns?.includes(lane)) continue;
    const away = Math.min(...[start, settled, healing, end].map(from));
    yield { kind: "span", index, away: away - (state === "failed" ? 0.5 : 0) };
  }
}
