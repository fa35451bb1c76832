import type { ClusterEntry } from "../record/mod.ts";
import { eventText, isAbortedTunnel, recordedEvents } from "../runs/mod.ts";
import { ClusterTimeline } from "./cluster_timeline.ts";
import type { Timeline } from "./timeline.ts";

/** Events before a moment that are kept. */
const MAX_LATEST = 12;

/** Characters of an event that a list shows. */
const MAX_LINE = 300;

/** What a cluster was like at the end of a test, or of its record. */
export interface Moment {
  /** The name of the test that has ended; `undefined` at the end of the record. */
  readonly test?: string | undefined;
  /** In milliseconds since the epoch; `undefined` if the record has no event. */
  readonly time: number | undefined;
  /** Spans that were open. */
  readonly open: readonly number[];
  /** The latest events before it, a line each, with their times in milliseconds since the epoch. */
  readonly latest: readonly { readonly time: number; readonly text: string }[];
}

/** What was read of a cluster. */
export interface ReadCluster {
  readonly entry: ClusterEntry;
  readonly timeline: ClusterTimeline;
  /** The ends of its tests, and then of its record. */
  readonly moments: readonly Moment[];
  /** Lines of its record that cannot be read. */
  readonly damaged: number;
}

/** Puts what a cluster's record tells on the time line; `folder` is that of its record. */
export function readCluster(
  timeline: Timeline,
  { entry, folder }: { readonly entry: ClusterEntry; readonly folder: string },
): ReadCluster {
  const lanes = new ClusterTimeline(timeline, entry);
  for (const { name } of entry.nodes) lanes.laneOf(name);
  const moments: Moment[] = [];
  let latest: Moment["latest"] = [];
  let time: number | undefined;
  let damaged = 0;
  for (const event of recordedEvents(folder)) {
    if (!event) {
      damaged++;
      continue;
    }
    time = event.time;
    if (event.type === "test-ended") {
      moments.push({ test: event.test, time, open: lanes.open, latest });
    } else if (!isAbortedTunnel(event)) {
      latest = [...latest, { time, text: firstLine(eventText(event)) }].slice(-MAX_LATEST);
    }
    lanes.take(event);
  }
  return {
    entry,
    timeline: lanes,
    moments: [...moments, { time, open: lanes.open, latest }],
    damaged,
  };
}

/** What a list has room for. */
function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
}
