/**
 * A thousand nodes, which are no more than agents of a local AWS, and what that costs the runner.
 *
 * @module
 */
import { ok, strictEqual } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Cluster } from "../cluster/cluster.ts";
import { ec2 } from "./backend.ts";
import { AwsServerProcess } from "../aws/testing/aws_server_process.ts";
import { setVariables } from "./testing/variables.ts";

/** How many instances one request asks for, and one answer tells of. */
const BATCH = 100;
const PAGE = 1_000;

/** Nodes of which the runner lost sight would end within the time for which they are held. */
const HEARTBEAT = { interval: 2_000, timeout: 20_000 };
const HOLD = 2 * HEARTBEAT.timeout;

/**
 * Launches nodes, has each answer after a while, gives them back, and resolves to the calls and the
 * time that it took.
 */
async function callsFor(
  count: number,
  { server, hold }: { server: AwsServerProcess; hold: number },
): Promise<{ readonly calls: Readonly<Record<string, number>>; readonly seconds: number }> {
  const before = await server.counts();
  const started = performance.now();
  {
    const options = { progress: false, heartbeat: HEARTBEAT };
    await using cluster = await Cluster.create(ec2({ maxNodes: count }), options);
    const nodes = await cluster.addNodes(count);
    strictEqual(new Set(nodes.map(({ address }) => address)).size, count);
    await delay(hold);
    const names = await Promise.all(nodes.map((node) => node.hostname()));
    ok(names.every((name) => name !== ""));
  }
  const seconds = (performance.now() - started) / 1000;
  const after = await server.counts();
  const calls = Object.entries(after).map(([name, calls]) =>
    [name, calls - (before[name] ?? 0)] as const
  );
  return { calls: Object.fromEntries(calls.filter(([, calls]) => calls > 0)), seconds };
}

Deno.test("a thousand nodes take a few calls more than ten, and heartbeats keep them alive", async () => {
  await using server = await AwsServerProcess.start({ machines: "simulated", stack: true });
  using _variables = setVariables(server.env);
  for (const count of [10, 100, 1_000]) {
    const { calls, seconds } = await callsFor(count, { server, hold: count === 1_000 ? HOLD : 0 });
    const {
      "ec2:RunInstances": launches = 0,
      "ec2:TerminateInstances": ends = 0,
      "ec2:DescribeInstances": looks = 0,
      ...others
    } = calls;
    strictEqual(launches, Math.ceil(count / BATCH));
    strictEqual(ends, Math.ceil(count / PAGE));
    // How often is looked is a matter of time, not of how many nodes there are.
    const most = Math.max(200, 1.5 * seconds);
    ok(looks < most, `${looks} looks at ${count} instances in ${seconds} s`);
    const rest = Object.values(others).reduce((sum, calls) => sum + calls, 0);
    ok(rest < 25, `${JSON.stringify(others)} for ${count} nodes`);
  }
});

/** A program with a node that it gives back. It imports from here by absolute addresses. */
const PROGRAM = `
  import { Cluster } from ${JSON.stringify(import.meta.resolve("../cluster/cluster.ts"))};
  import { ec2 } from ${JSON.stringify(import.meta.resolve("./mod.ts"))};
  await using cluster = await Cluster.create(ec2(), { progress: false });
  await cluster.addNode();
`;

Deno.test("a program that has given its nodes back ends by itself, at once", async () => {
  await using server = await AwsServerProcess.start({ machines: "simulated", stack: true });
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", PROGRAM],
    env: server.env,
    // Far less than the deadline of a call to AWS, and far more than all of this takes.
    signal: AbortSignal.timeout(60_000),
  }).output();
  ok(success);
});
