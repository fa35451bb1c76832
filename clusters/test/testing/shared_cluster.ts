import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { TestProject } from "./test_project.ts";

/** Tests of a file that share a cluster, and do with it what tests do, with the sanitizers on. */
const SHARING = `
/** Tests share what was made before they begin: there is a node, and a process that goes on and on. */
const cluster = await Cluster.create();
const node = await cluster.addNode();
const chatty = await node.spawn("sh", ["-c", "while :; do echo tick; sleep 0.02; done"]);
Deno.test.afterAll(() => cluster.stop());

const works: Record<string, () => Promise<unknown>> = {
  "runs a command": () => node.run("echo", ["x"]),
  "starts a process": async () => {
    await using process = await node.spawn("echo", ["x"]);
    await process.status;
  },
  "has a node of its own": async () => {
    await using other = await cluster.addNode();
    await other.run("echo", ["x"]);
  },
  "moves files": async () => {
    await node.writeTextFile("a", "b");
    strictEqual(await node.readTextFile("a"), "b");
    await using file = await node.open("a");
    await file.stat();
  },
  "connects": async () => {
    await using listener = await node.listen({ port: 0 });
    await using forward = await node.forward((listener.addr as Deno.NetAddr).port);
    const [arrived, made] = await Promise.all([
      listener.accept(),
      Deno.connect({ port: forward.port }),
    ]);
    made.close();
    arrived.close();
  },
  "does nothing while time goes by": () => new Promise((resolve) => setTimeout(resolve, 100)),
  "reads the log of the process": () => chatty.log(),
};

for (const [name, work] of Object.entries(works)) {
  Deno.test(name, clusterTest({ cluster }, async () => void await work()));
}

const artifacts = { always: ["kept/**/*.log"] };
Deno.test("keeps a file", clusterTest({ cluster, artifacts }, async () => {
  await node.writeTextFile("kept/deep/a.log", "what happened");
}));
`;

/** Runs tests that share a cluster; fails when one of them does, or leaves something behind. */
export async function shareCluster(env: Readonly<Record<string, string>>): Promise<void> {
  await using project = await TestProject.create({ "sharing_test.ts": SHARING }, env);
  const { code, output, index } = await project.test();
  strictEqual(code, 0, output);
  const { length } = index.tests!.filter(({ end }) => end?.verdict === "passed");
  strictEqual(length, 8, output);
  strictEqual(index.clusters.length, 1);
  const { artifacts = "none" } = index.tests!.at(-1)!.end!;
  const kept = join(await project.run(), artifacts, "node1/kept/deep/a.log");
  strictEqual(await Deno.readTextFile(kept), "what happened");
}
