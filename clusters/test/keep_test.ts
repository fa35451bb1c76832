import { match, ok, strictEqual } from "node:assert/strict";
import { Desk } from "../hold/testing/desk.ts";
import { TestProject } from "./testing/test_project.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

const PROJECT = `
Deno.test("passes", clusterTest(async (cluster) => void await cluster.addNode()));
Deno.test("fails", clusterTest(async (cluster) => {
  await cluster.addNode();
  throw new Error("its own failure");
}));
Deno.test("is not kept", clusterTest({ keep: false }, () => Promise.reject(new Error("again"))));
`;

Deno.test({
  name: "CLUSTERTEST_KEEP=failed keeps the cluster of a test that has failed, and of no other",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using project = await TestProject.create({ "a_test.ts": PROJECT });
    const command = `${Deno.execPath()} test -A --no-check --config ${CONFIG} ${project.dir}`;
    const env = { CLUSTERTEST_KEEP: "failed", CLUSTERTEST_BACKEND: "local" };
    await using desk = await Desk.open(env);
    await using shown = await desk.type(`cd ${project.dir} && ${command}`);
    await shown.shows(
      /fails is held: test "fails" failed: Error: its own failure\r\n {2}its nodes: node1/,
    );
    await shown.type("\n");
    strictEqual(await shown.ended(), 1);
    strictEqual(shown.all.match(/ is held: /g)?.length, 1);
  },
});

Deno.test("without a terminal no cluster is kept, and a wrong value of CLUSTERTEST_KEEP is refused", async () => {
  await using project = await TestProject.create({ "a_test.ts": PROJECT }, {
    ...{ CLUSTERTEST_KEEP: "failed", CI: "1" },
  });
  const { output } = await project.test();
  match(
    output,
    /^fails: Cannot hold the cluster \(test "fails" failed: .*\): there is no terminal/m,
  );
  await using other = await TestProject.create({ "a_test.ts": PROJECT }, {
    CLUSTERTEST_KEEP: "all",
  });
  const refused = await other.test().catch(String);
  ok(JSON.stringify(refused).includes('CLUSTERTEST_KEEP must be \\"failed\\" or \\"none\\"'));
});
