import type { ClusterEntry } from "../record/mod.ts";
import { recordedEvents } from "../runs/mod.ts";
import { listOf } from "./event_facts.ts";
import { ClusterTimeline } from "./cluster_timeline.ts";
import { type LatestEvent, LatestEvents } from "./latest_events.ts";
import type { Timeline } from "./timeline.ts";

/** What a cluster was like at the end of a test, or of its record. */
export interface Moment {
  /** The name of the test that has ended; `undefined` at the end of the record. */
  readonly test?: string | undefined;
  /** In milliseconds since the epoch; `undefined` if the record has no event. */
  readonly time: number | undefined;
  /** Spans that were open. */
  readonly open: readonly number[];
  /** The lines of the test's code that began something last. */
  readonly places: readonly string[];
  /** When the test began something last, in milliseconds since the epoch; `undefined` if that is not known. */
  readonly called?: number | undefined;
  /** The latest events before it. */
  readonly latest: readonly LatestEvent[];
  /** Nodes of which not all artifacts of the test are there, each with why; those are collected after its end. */
  readonly missing: readonly MissingArtifacts[];
}

/** Artifacts that a node has not given. */
export interface MissingArtifacts {
  readonly node: string;
  /** How many it has given. */
  readonly files: number;
  /** Why there are not all. */
  readonly errors: readonly string[];
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
  let missing: MissingArtifacts[] = [];
  const latest = new LatestEvents();
  let places: readonly string[] = [];
  let time: number | undefined;
  let called: number | undefined;
  let damaged = 0;
  for (const event of recordedEvents(folder)) {
    if (!event) {
      damaged++;
      continue;
    }
    time = event.time;
    if (event.type === "test-ended") {
      const { test } = event;
      missing = [];
      moments.push({ test, time, called, open: lanes.open, places, latest: latest.all, missing });
    } else {
      latest.take(event);
      if (event.type === "artifacts-collected" && listOf(event.errors).length > 0) {
        missing.push({ node: event.node, files: event.files, errors: event.errors });
      }
      if ("places" in event && event.places) {
        places = listOf(event.places).map(String);
        called = event.time;
      }
    }
    lanes.take(event);
  }
  return {
    entry,
    timeline: lanes,
    moments: [
      ...moments,
      { time, called, open: lanes.open, places, latest: latest.all, missing: [] },
    ],
    damaged,
  };
}
