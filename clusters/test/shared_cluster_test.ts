import { match, strictEqual } from "node:assert/strict";
import { TestProject } from "./testing/test_project.ts";
import { shareCluster } from "./testing/shared_cluster.ts";

Deno.test("tests of a file share a cluster, and no sanitizer finds that they leave something", async () => {
  await shareCluster({ CLUSTERTEST_BACKEND: "local" });
});

const BEFORE_ALL = `
let cluster: Cluster;
Deno.test.beforeAll(async () => {
  cluster = await Cluster.create();
  await cluster.addNode();
});
Deno.test.afterAll(() => cluster.stop());
Deno.test("shares", (t) => clusterTest({ cluster }, async ({ nodes }) => {
  await nodes[0]!.run("echo", ["x"]);
})(t));
`;

const IN_A_TEST = `
let cluster: Cluster;
Deno.test("makes it", async () => void (cluster = await Cluster.create()));
Deno.test.afterAll(() => cluster.stop());
`;

Deno.test("a cluster that is shared is made by beforeAll(), too, but not by a test", async () => {
  const files = { "before_all_test.ts": BEFORE_ALL, "in_a_test_test.ts": IN_A_TEST };
  await using project = await TestProject.create(files);
  const { code, output } = await project.test();
  strictEqual(code, 1);
  match(output, /^shares \.\.\. ok/m);
  match(output, /^makes it => .*\nerror: Leaks detected:/m);
});
