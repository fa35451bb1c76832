/**
 * A thread that records clusters, as each test file of `deno test` is one.
 *
 * @module
 */
import { EventStream } from "../../events/event_stream.ts";
import { currentRun } from "../../ownership/mod.ts";
import { ClusterRecord } from "../cluster_record.ts";

self.addEventListener("message", ({ data: { dir, ids } }: MessageEvent) => {
  const run = currentRun();
  for (const id of ids) {
    const events = new EventStream(id);
    const backend = { name: "local", options: {} };
    using _record = new ClusterRecord(events, { run, id, name: "cluster", backend, dir });
    events.emit({ type: "cluster-disposed", errors: [] });
  }
  self.postMessage("done");
});
