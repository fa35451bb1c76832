/**
 * What becomes of faults, and of what they are beside, at their end.
 *
 * @module
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { docker } from "./backend.ts";
import { haveEngine, seesThisMachine, testImages } from "./testing/engine.ts";
import { run } from "./testing/run.ts";

const ignore = !await haveEngine();

/** Milliseconds by which disposal may take longer than three times as long, on a machine that is busy. */
const SLACK = 5_000;

const make = () => Cluster.create(docker({ image: testImages.busybox }), { progress: false });

Deno.test({
  name: "disposal under a partition takes no longer, whatever is open and runs meanwhile",
  ignore,
  async fn() {
    const disposal = async (isCut: boolean) => {
      await using cluster = await make();
      const [a, b] = await cluster.addNodes(2);
      await a.spawn("httpd", ["-f", "-p", "7000"]);
      await b.waitForPort(7000, { hostname: a.address });
      await b.spawn("nc", [a.address, "7000"], { stdin: "piped", stdout: "null" });
      if (isCut) await cluster.faults.partition([a, b]);
      const started = performance.now();
      await cluster[Symbol.asyncDispose]();
      return performance.now() - started;
    };
    const [whole, cut] = [await disposal(false), await disposal(true)];
    ok(cut < 3 * whole + SLACK, `${cut} ms, and ${whole} without a partition`);
  },
});

Deno.test({
  name: "tables that a user has made before and meanwhile are the same afterwards, byte for byte",
  ignore: ignore || !await seesThisMachine(),
  async fn() {
    await using cluster = await make();
    const [a, b] = await cluster.addNodes(2);
    const pid = (await run("docker", ["inspect", "--format={{.State.Pid}}", b.id])).trim();
    const nft = (command: string) =>
      run("nsenter", ["-t", pid, "-n", "nft", ...command.split(" ")]);
    const add = async (table: string) => {
      await nft(`add table inet ${table}`);
      await nft(`add chain inet ${table} in { type filter hook input priority 0 ; }`);
      await nft(`add rule inet ${table} in ip saddr 10.1.2.3 counter drop`);
    };
    await add("before");
    const before = await nft("list ruleset");
    const cut = await cluster.faults.partition([a, b]);
    const slow = await cluster.faults.shape({ from: a, to: b }, { latency: 5 });
    match(await nft("list ruleset"), /table inet clustertest_/);
    await add("meanwhile");
    await slow.heal();
    await cut.heal();
    const after = await nft("list ruleset");
    strictEqual(after.startsWith(before), true);
    deepStrictEqual(after.match(/table inet \w+/g), ["table inet before", "table inet meanwhile"]);
    // As when its agent is killed: the kernel removes what that has made, and nothing else.
    await cluster.faults.isolate(b);
    const sidecar = `name=clustertest-${cluster.id}-${b.name}\\.`;
    const id = await run("docker", ["ps", "--quiet", "--filter", sidecar]);
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    using _subscription = cluster.events.subscribe(({ type }) => {
      if (type === "fault-healed") resolve();
    });
    await run("docker", ["kill", id.trim()]);
    await gone;
    strictEqual(await nft("list ruleset"), after);
  },
});
