import { deepStrictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { local } from "../local/mod.ts";
import { FailureReport } from "./failure_report.ts";

Deno.test("a report tells ends that the test asked for, and kills of nodes, from those of processes", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const report = new FailureReport();
  const asked: unknown[] = [];
  cluster.events.subscribe((event) => {
    report.take(event);
    if (event.type === "command-ended") asked.push([event.command.at(-1), event.requested]);
  });
  const [one, two] = await cluster.addNodes(2);
  await (await one.spawn("sh", ["-c", "exit 4"])).status;
  const process = await one.spawn("sleep", ["100"]);
  await process.kill("SIGTERM");
  await process.status;
  await two.spawn("sleep", ["200"]);
  await two.kill();
  await two.start();
  await one.run("true");
  const about = { type: "test-ended", time: 0, cluster: "abc", test: "it", elapsed: 1 } as const;
  const lines = report.lines({ ...about, verdict: "failed", error: "no" });
  deepStrictEqual(lines.map((line) => line.replace(/ after \d+\.\d s/, "")), [
    'test "it" failed: no',
    "  node1: sh -c exit 4 had ended with code 4",
    "  node1: sleep 100 had ended by SIGTERM, as the test asked",
    "  node2: sleep 200 ended, when the test killed node2",
    "  1 other process had ended with code 0",
  ]);
  deepStrictEqual(asked.slice(0, 2), [["exit 4", undefined], ["100", true]]);
});
