/**
 * That `clusterTest` serves the frameworks of others: `node:test` on Deno, and Vitest on Deno.
 *
 * @module
 */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { requirement } from "../requirement.ts";
import { TestProject } from "./testing/test_project.ts";

const VITEST = "npm:vitest@3.2.4";

const vitest = await requirement("Vitest from npm", async () => {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-lock", "--no-config", VITEST],
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return VITEST;
});

const NODE_TESTS = `
import { test } from "node:test";

test("passes", clusterTest(async (cluster, t) => {
  strictEqual(t.name, "passes");
  strictEqual((await (await cluster.addNode()).run("echo", ["x"])).stdout, "x\\n");
}));
test("fails", clusterTest(() => Promise.reject(new Error("the body"))));
test("has a subtest that fails", clusterTest(async (_cluster, t) => {
  await t.test("inner", () => Promise.reject(new Error("the subtest")));
}));
`;

Deno.test("clusterTest() serves node:test", async () => {
  await using project = await TestProject.create({ "a_test.ts": NODE_TESTS });
  const { code, output, index } = await project.test();
  strictEqual(code, 1);
  deepStrictEqual(index.tests!.map(({ name, end }) => [name, end!.verdict, ...end!.errors]), [
    ["passes", "passed"],
    ["fails", "failed", "Error: the body"],
    ["has a subtest that fails", "failed", "Error: the subtest"],
  ], output);
});

const VITEST_TESTS = `
import { expect, test } from "vitest";

test("passes", clusterTest(async (cluster, { task }) => {
  expect(task.name).toBe("passes");
  expect((await (await cluster.addNode()).run("echo", ["x"])).stdout).toBe("x\\n");
}));
test("fails", clusterTest(() => expect("the body").toBe("it")));
test("fails softly", clusterTest(() => expect.soft("it").toBe("soft")));
test("is skipped", clusterTest((_cluster, context) => context.skip()));
test("takes too long", clusterTest(() => new Promise(() => {})), 500);
test("throws nothing", clusterTest(() => Promise.reject(undefined)));
`;

/** Vite leaves `clustertest.ts` to Deno, which knows the imports. The tests of the project import it so. */
const VITEST_CONFIG = `
export default {
  test: {
    testTimeout: 60_000,
    server: { deps: { external: [/\\/clustertest\\.ts$/] } },
    alias: { "@clustertest/clustertest": "MODULES/clustertest.ts" },
  },
};
`;

Deno.test({
  name: "clusterTest() serves Vitest on Deno",
  ignore: vitest === undefined,
  async fn() {
    await using project = await TestProject.create({ "a.test.ts": VITEST_TESTS });
    const { code, output, index } = await project.vitest(VITEST, VITEST_CONFIG);
    strictEqual(code, 1, output);
    deepStrictEqual(index.tests!.map(({ name, end }) => [name, end!.verdict]), [
      ["passes", "passed"],
      ["fails", "failed"],
      ["fails softly", "failed"],
      ["is skipped", "skipped"],
      ["takes too long", "failed"],
      ["throws nothing", "failed"],
    ], output);
    const errors = index.tests!.map(({ end }) => end!.errors.join());
    match(errors[1]!, /^AssertionError: expected 'the body' to be 'it'/);
    match(errors[2]!, /^AssertionError: expected 'it' to be 'soft'/);
    match(errors[4]!, /^Error: Test timed out in 500ms/);
    strictEqual(errors[5], "undefined");
    match(output, /4 failed \| 1 passed \| 1 skipped/);
    match(output, /^fails: test "fails" failed: AssertionError/m);
    strictEqual(index.tests![0]!.file, `${project.dir}/a.test.ts`);
  },
});
