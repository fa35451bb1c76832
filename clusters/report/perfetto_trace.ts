import type { ReportData, ReportSeries, ReportSpan } from "./report_data.ts";

/** Microseconds of a millisecond: Perfetto's times are in these. */
const MICROSECONDS = 1000;

/**
 * The time line in the JSON of Chrome's traces, which Perfetto opens: a process for each lane,
 * asynchronous spans, since those of one lane may overlap, and a counter for each series.
 */
export function* perfettoTrace(data: ReportData): Generator<string, void, undefined> {
  yield '{"displayTimeUnit":"ms","traceEvents":[\n';
  let separator = "";
  for (const event of traceEvents(data)) {
    yield `${separator}${JSON.stringify(event)}`;
    separator = ",\n";
  }
  yield "\n]}\n";
}

function* traceEvents(data: ReportData): Generator<object> {
  for (const [lane, { cluster, node }] of data.lanes.entries()) {
    const name = `${node ?? "tests"} (${cluster})`;
    yield { ph: "M", name: "process_name", pid: lane + 1, args: { name } };
    yield { ph: "M", name: "process_sort_index", pid: lane + 1, args: { sort_index: lane } };
  }
  for (const [id, span] of data.spans.entries()) yield* spanEvents(span, { id, data });
  for (const { lane, time, label, kind, facts } of data.marks) {
    const place = { pid: lane + 1, tid: 0, ts: time * MICROSECONDS };
    yield {
      ph: "i",
      s: "p",
      cat: kind,
      name: label,
      ...place,
      args: Object.fromEntries(facts ?? []),
    };
  }
  for (const series of data.series) yield* counterEvents(series);
}

/** A value stays until the next one; what concerns no node is of the first lane. */
function* counterEvents(
  { lane = 0, name, unit, label, times, values }: ReportSeries,
): Generator<object> {
  const full = [name, label, unit === "" ? undefined : `(${unit})`].filter((part) => part).join(
    " ",
  );
  for (const [i, time] of times.entries()) {
    const value = values[i];
    if (value === null || value === undefined) continue;
    yield { ph: "C", name: full, pid: lane + 1, ts: time * MICROSECONDS, args: { value } };
  }
}

function* spanEvents(
  { lane, kind, label, start, end, state, facts = [] }: ReportSpan,
  { id, data }: { readonly id: number; readonly data: ReportData },
): Generator<object> {
  const common = { cat: kind, name: label, id: `${id}`, pid: lane + 1, tid: 0 };
  const args = { state, ...Object.fromEntries(facts) };
  yield { ph: "b", ...common, ts: start * MICROSECONDS, args };
  yield { ph: "e", ...common, ts: (end ?? data.duration) * MICROSECONDS };
}
