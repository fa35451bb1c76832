/**
 * What becomes of faults, and of what they are beside, at their end.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import type { Node } from "../node/mod.ts";
import { requirement } from "../requirement.ts";
import { clusterTest } from "../test/mod.ts";
import { eventually } from "../waiting/mod.ts";
import { docker } from "./backend.ts";
import { haveEngine, seesThisMachine, testImages } from "./testing/engine.ts";
import { killSidecar } from "./testing/kill_sidecar.ts";
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

/** Whether the network of a container can be looked at from here. */
const seesNetworks = !ignore && await seesThisMachine() && await requirement("nft", async () => {
      return await run("nsenter", ["-t", `${Deno.pid}`, "-n", "nft", "list", "tables"]);
    }) !== undefined;

/** Rules of nftables in the network of a node, which a user makes there. */
async function rulesOf({ id }: Node) {
  const pid = (await run("docker", ["inspect", "--format={{.State.Pid}}", id])).trim();
  const nft = (...args: string[]) => run("nsenter", ["-t", pid, "-n", "nft", ...args]);
  return {
    tables: async () => (await nft("list", "tables")).match(/(?<=inet )\w+/g) ?? [],
    list: (table: string) => nft("list", "table", "inet", table),
    async add(table: string): Promise<string> {
      const hook = "{ type filter hook input priority 0 ; }";
      const rule = ["in", "ip", "saddr", "10.1.2.3", "counter", "drop"];
      await nft("add", "table", "inet", table);
      await nft("add", "chain", "inet", table, "in", ...hook.split(" "));
      await nft("add", "rule", "inet", table, ...rule);
      return await nft("list", "table", "inet", table);
    },
  };
}

Deno.test({
  name: "tables that a user has made before and meanwhile are the same afterwards, byte for byte",
  ignore: !seesNetworks,
  async fn() {
    await using cluster = await make();
    const [a, b] = await cluster.addNodes(2);
    const rules = await rulesOf(b);
    const before = await rules.add("before");
    const cut = await cluster.faults.partition([a, b]);
    const slow = await cluster.faults.shape({ from: a, to: b }, { latency: 5 });
    strictEqual((await rules.tables()).length, 3);
    const meanwhile = await rules.add("meanwhile");
    const areTheirs = async () => {
      deepStrictEqual(await rules.tables(), ["before", "meanwhile"]);
      strictEqual(await rules.list("before"), before);
      strictEqual(await rules.list("meanwhile"), meanwhile);
    };
    await slow.heal();
    await cut.heal();
    await areTheirs();
    // The kernel removes what an agent has made that is killed, and nothing else.
    await cluster.faults.isolate(b);
    const sidecar = `name=clustertest-${cluster.id}-${b.name}\\.`;
    const id = await run("docker", ["ps", "--quiet", "--filter", sidecar]);
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    using _subscription = cluster.events.subscribe(({ type }) => {
      if (type === "fault-healed") resolve();
    });
    await run("docker", ["kill", id.trim()]);
    await gone;
    await eventually(areTheirs);
  },
});

/** Makes a fault, and kills what makes it. */
async function loseFault(cluster: Cluster): Promise<Node> {
  const [a, b] = await cluster.addNodes(2);
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  using _subscription = cluster.events.subscribe(({ type }) => {
    if (type === "fault-healed") resolve();
  });
  await using _cut = await cluster.faults.block({ from: a, to: b });
  await killSidecar(cluster, b.name);
  await lost;
  return b;
}

Deno.test({
  name: "a clusterTest() fails whose fault was lost, unless the node is gone as well",
  ignore,
  async fn() {
    const own = new Error("the test's own");
    const test = (end: (node: Node) => unknown) =>
      clusterTest(
        { backend: docker({ image: testImages.busybox }), progress: false },
        async (cluster, _context: { name: string }) => void await end(await loseFault(cluster)),
      );
    const passing = test(() => {});
    await rejects(async () => await passing({ name: "passes" }), (error: Error) => {
      match(
        error.message,
        /^Cannot heal what was done to block node1 to node2: it was lost before/,
      );
      return true;
    });
    const failing = test(() => {
      throw own;
    });
    await rejects(async () => await failing({ name: "fails" }), (error: AggregateError) => {
      strictEqual(error.errors[0], own);
      match(error.errors[1].message, /it was lost before/);
      return true;
    });
    await test((node) => node.destroy())({ name: "destroys" });
  },
});
