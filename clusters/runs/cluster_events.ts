import { join } from "node:path";
import type { ClusterEvent } from "../events/mod.ts";
import type { ClusterEntry } from "../record/mod.ts";
import { RecordError } from "./record_error.ts";
import { recordedEvents } from "./recorded_events.ts";
import type { RecordedRun } from "./recorded_run.ts";

/**
 * What happened in a cluster of a run, in order. It is read as it is iterated, so a record of any length
 * takes no more memory than a line; what is written meanwhile is read as well. Lines that a kill has cut,
 * or that are damaged, are left out; kinds of events that a later version has added are not.
 */
export function* clusterEvents(
  run: RecordedRun,
  cluster: ClusterEntry,
): Generator<ClusterEvent, void, undefined> {
  for (const event of recordedEvents(clusterRecordFolder(run, cluster))) if (event) yield event;
}

/** Where the record of a cluster is; throws a `RecordError` if that would not be within the run's. */
export function clusterRecordFolder(
  { id, folder: runFolder }: RecordedRun,
  { folder }: ClusterEntry,
): string {
  const isName = folder !== "" && folder !== "." && folder !== ".." && !/[/\\\0]/.test(folder);
  if (isName) return join(runFolder, folder);
  throw new RecordError(
    `Cannot read run ${id}: ${JSON.stringify(folder)} is no folder of a cluster`,
  );
}
