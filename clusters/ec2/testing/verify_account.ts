/**
 * What instances are meant to do, on whatever account the environment means: `deno task aws:verify`
 * runs it, and the examples that need no program of their own, after `deno task aws:setup`. It launches up to ten small instances at a
 * time, of both architectures, for about half an hour.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Deadline } from "../../../agent/deadline.ts";
import { delay } from "../../../agent/delay.ts";
import { Cluster } from "../../cluster/cluster.ts";
import { testConformance } from "../../conformance/mod.ts";
import { RunnerProcess } from "../../testing/runner_process.ts";
import { Aws } from "../../aws/aws.ts";
import { ec2 } from "../backend.ts";
import { describeInstances, LIVING } from "../../aws/instance.ts";

/** Milliseconds between two looks at an account. */
const LOOK_INTERVAL = 5_000;

/** Milliseconds in which instances have to end: leases are shorter, and EC2 is slow at times. */
const PATIENCE = 600_000;

testConformance(ec2(), { name: "ec2" });

testConformance(ec2({ instanceType: "t4g.small" }), { name: "ec2 on ARM" });

Deno.test("ten nodes are launched together, and all of them answer", async () => {
  await using cluster = await Cluster.create(ec2());
  const nodes = await cluster.addNodes(10);
  const results = await Promise.all(nodes.map((node) => node.run("hostname")));
  strictEqual(new Set(results.map(({ stdout }) => stdout)).size, 10);
});

Deno.test("a guardian terminates the instances of a runner that was killed", async () => {
  await using runner = new RunnerProcess({ backend: { ec2: {} }, nodes: 2, lease: 600_000 });
  const cluster = await runner.cluster();
  await runner.outputs();
  await runner.kill();
  await untilNoneLives(cluster);
});

Deno.test("instances end themselves when runner and guardian were killed", async () => {
  await using runner = new RunnerProcess({ backend: { ec2: {} }, nodes: 2, lease: 20_000 });
  const cluster = await runner.cluster();
  await runner.outputs();
  await runner.killWithGuardian();
  await untilNoneLives(cluster);
});

Deno.test("nothing is left that belongs to a run that is over", async () => {
  deepStrictEqual((await ec2().sweep({ dryRun: true })).found, []);
});

/** Waits until no instance of a cluster costs anything any more. */
async function untilNoneLives(cluster: string): Promise<void> {
  using aws = await Aws.open();
  const filters = { "tag:clustertest:cluster": [cluster], "instance-state-name": LIVING };
  const tooLong = () => new Error(`Instances of cluster ${cluster} live on for too long`);
  using deadline = new Deadline(PATIENCE, [], tooLong);
  const { signal } = deadline;
  while ((await describeInstances(aws, filters, signal)).length > 0) {
    await delay(LOOK_INTERVAL, signal);
  }
}
