/**
 * That tests do not see each other: files that run at the same time, and runs that follow each other under
 * `--watch`; and what the record says when they are interrupted.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { RunIndex } from "../record/run_index.ts";
import { TestProject } from "./testing/test_project.ts";

/** Nodes of the same name, and services on the same port, in each file. */
const SIDE_BY_SIDE = `
for (const number of [1, 2, 3]) {
  Deno.test("test " + number + " of " + import.meta.filename, clusterTest(async (cluster) => {
    const node = await cluster.addNode({ name: "server" });
    await node.writeTextFile("whose", import.meta.filename! + number);
    await using listener = await node.listen({ port: 17654 });
    const [arrived, made] = await Promise.all([
      listener.accept(),
      node.connect({ port: 17654, hostname: node.address }),
    ]);
    await Promise.all([arrived, made].map((each) => each[Symbol.asyncDispose]()));
    strictEqual((await node.run("cat", ["whose"])).stdout, import.meta.filename! + number);
  }));
}
`;

Deno.test("test files that run at the same time are one run, and do not see each other", async () => {
  const names = ["a_test.ts", "b_test.ts", "c_test.ts", "d_test.ts"];
  const files = Object.fromEntries(names.map((name) => [name, SIDE_BY_SIDE]));
  await using project = await TestProject.create(files);
  const { code, output, index } = await project.test("--parallel");
  strictEqual(code, 0, output);
  strictEqual(index.tests!.length, 12);
  ok(index.tests!.every(({ end }) => end?.verdict === "passed"), output);
  strictEqual(new Set(index.tests!.map(({ cluster }) => cluster)).size, 12);
  strictEqual(new Set(index.tests!.map(({ run }) => run)).size, 4);
});

const HANGS = `
Deno.test("passes", clusterTest(async (cluster) => void await cluster.addNode()));
Deno.test("hangs", clusterTest(async (cluster) => {
  const node = await cluster.addNode();
  await node.run("sleep", ["1000"]);
}));
`;

/** The verdicts of tests, in their order. */
function verdictsOf({ tests = [] }: RunIndex): unknown[] {
  return tests.map(({ name, end }) => [name, end?.verdict]);
}

/** Whether the last of so many tests has a cluster with a node, and goes on. */
function isHanging(index: RunIndex, count: number): boolean {
  const last = index.tests?.at(count - 1);
  const cluster = index.clusters.find(({ id }) => id === last?.cluster);
  return last !== undefined && !last.end && cluster?.nodes.length === 1;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  Deno.test(`the record says which test was interrupted by ${signal}, and which was not`, async () => {
    await using project = await TestProject.create({ "a_test.ts": HANGS });
    await using running = project.start();
    const { clusters } = await running.index((index) => isHanging(index, 2));
    const rootDir = clusters.at(-1)!.nodes[0]!.id;
    running.child.kill(signal);
    await running.child.status;
    const index = await running.index(({ tests }) => tests!.every(({ end }) => end !== undefined));
    deepStrictEqual(verdictsOf(index), [["passes", "passed"], ["hangs", "interrupted"]]);
    await running.gone(rootDir);
  });
}

Deno.test("a run under --watch does not see the one before, which goes on until it is interrupted", async () => {
  await using project = await TestProject.create({ "a_test.ts": HANGS });
  await using running = project.start("--watch", "a_test.ts");
  const { clusters } = await running.index((index) => isHanging(index, 2));
  const rootDir = clusters.at(-1)!.nodes[0]!.id;
  await project.write("a_test.ts", SIDE_BY_SIDE);
  await running.index(({ tests = [] }) => tests.length === 5 && tests[4]!.end !== undefined);
  // The runtime does not end the thread of the run before.
  strictEqual((await Deno.lstat(rootDir)).isDirectory, true);
  strictEqual(running.output.match(/Restarting! File change/g)?.length, 1, running.output);
  running.child.kill("SIGINT");
  const index = await running.index(({ tests }) => tests!.every(({ end }) => end !== undefined));
  deepStrictEqual(index.tests!.map(({ end }) => end!.verdict), [
    ...["passed", "interrupted", "passed", "passed", "passed"],
  ], running.output);
  await running.gone(rootDir);
});
