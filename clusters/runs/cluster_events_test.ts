import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { type ClusterEntry, clusterEvents } from "./reader.ts";
import { Recording } from "./testing/recording.ts";

Deno.test("clusterEvents() reads what a kill has left, line by line, and leaves out what it has cut", () => {
  using recording = new Recording();
  recording.emit("abc", { type: "note", text: "first" });
  const file = join(recording.folderOf("abc"), "events.jsonl");
  Deno.writeTextFileSync(file, '\n{"type":7}\n\xff\n{"type":"later","time":1}\n', { append: true });
  const [cluster] = recording.run.index.clusters;
  const events = clusterEvents(recording.run, cluster!);
  strictEqual(events.next().value?.type, "note");
  // It goes on while it is read.
  recording.emit("abc", { type: "note", text: "second" });
  Deno.writeTextFileSync(file, '{"type":"note","time":1,"te', { append: true });
  deepStrictEqual([...events].map(({ type }) => type as string), ["later", "note"]);
});

Deno.test("clusterEvents() reads nothing outside of the run's folder", () => {
  using recording = new Recording();
  recording.emit("abc", { type: "note", text: "first" });
  const [cluster] = recording.run.index.clusters;
  for (const folder of ["../..", "..", ".", "", "/etc", "a/b"]) {
    const hostile: ClusterEntry = { ...cluster!, folder };
    throws(() => [...clusterEvents(recording.run, hostile)], { name: "RecordError" });
  }
});
