import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { local } from "../local/mod.ts";
import { withVariables } from "../testing/thread_variables.ts";
import { Cluster, insidesOf } from "./cluster.ts";
import { metricsBatch } from "./recorded_metrics.ts";

Deno.test("CLUSTERTEST_METRICS=off records nothing, and metrics() works all the same", async () => {
  using _off = withVariables({ CLUSTERTEST_METRICS: "off" });
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  if (node.build.os === "linux") strictEqual((await node.metrics()).scope, "processes");
  const { folder } = insidesOf(cluster).record;
  deepStrictEqual([...Deno.readDirSync(folder!)].filter(({ name }) => name === "metrics"), []);
});

Deno.test("CLUSTERTEST_METRICS of any other value is refused before anything is made", async () => {
  using _wrong = withVariables({ CLUSTERTEST_METRICS: "no" });
  await rejects(Cluster.create(local(), { progress: false }), {
    name: "RangeError",
    message: 'CLUSTERTEST_METRICS must be "on" or "off", not "no"',
  });
});

Deno.test("metricsBatch() keeps the samples that come in a second to a few hundred", () => {
  deepStrictEqual([1, 100, 101, 1_000, 10_000].map(metricsBatch), [1, 1, 2, 10, 10]);
});
