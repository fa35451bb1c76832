import { deepStrictEqual } from "node:assert/strict";
import { ClusterActivity } from "./cluster_activity.ts";
import { EventStream } from "./event_stream.ts";

Deno.test("ClusterActivity knows what runs, which nodes were asked for, and what takes a while", () => {
  const events = new EventStream("abc");
  const activity = new ClusterActivity(events);
  const { emit } = events;
  const command = { node: "a", process: "process1", command: ["sleep", "9"] };
  emit({ type: "command-started", ...command, pid: 1 });
  emit({ type: "nodes-requested", names: ["b", "c", "d"] });
  emit({ type: "node-ready", node: "b", id: "1", address: "127.0.0.1" });
  const work = { work: "launch1", kind: "launch", label: "launching", elapsed: 1 } as const;
  emit({ type: "work-started", ...work });
  deepStrictEqual(activity.commands.map(({ command }) => command), [["sleep", "9"]]);
  deepStrictEqual(activity.requestedNodes, ["c", "d"]);
  deepStrictEqual(activity.work, ["launching"]);
  const end = { code: 0, signal: null, elapsed: 1, stdout: "", stderr: "" };
  emit({ type: "command-ended", ...command, ...end });
  emit({ type: "nodes-failed", names: ["c", "d"], error: "no" });
  emit({ type: "work-ended", ...work });
  deepStrictEqual([activity.commands, activity.requestedNodes, activity.work], [[], [], []]);
});
