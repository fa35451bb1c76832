import { AuthorCall } from "../calls/mod.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { NodeOptions } from "../kit/mod.ts";
import { checkedTestOptions, type ClusterTestOptions, TEST_KINDS } from "./cluster_test_options.ts";
import { TestRun } from "./test_run.ts";

/**
 * The body of a test. `context` is the one that the framework passes to tests, with the same members:
 * `name`, `step` and others of `Deno.test`, `signal` of `node:test`, `task.name` of Vitest.
 */
export type ClusterTestBody<O extends NodeOptions, C> = (
  cluster: Cluster<O>,
  context: C,
) => unknown;

/**
 * Makes the function of a test, for `Deno.test`, or for `test` of `node:test` or Vitest. The function makes
 * a cluster, runs `body` with it, and disposes of it.
 *
 * Unlike `Cluster.create`, it knows the test's name, and whether the test has failed:
 *
 * - Both are in the record of the run, however the test ends.
 * - It rejects at once, whatever `body` still waits for, when `cluster.signal` or the signal of the
 *   framework aborts, or `timeout` is over.
 * - It collects `artifacts` from the nodes of a failed test before the cluster is torn down.
 * - It says on standard error, in a few lines, what failed, which processes had ended and how, and where
 *   the record is, unless `CLUSTERTEST_PROGRESS` is `off`.
 * - With `CLUSTERTEST_KEEP=failed` it keeps the cluster of a failed test, so that it can be inspected.
 *
 * It rejects with the error of `body`, unchanged. When something else failed as well, such as a disposer in
 * it, it rejects with an `AggregateError` that begins with that error; failures that only follow from the
 * reason why the test was over, such as waits for an essential process that has ended, are not in it. A
 * failed step fails the test, too; the error of the step names its line. `Deno.test` tells nobody of a time limit of its own: give a
 * shorter `timeout`. Wrong options are refused when the test is defined.
 *
 * Vitest runs on Deno with `deno run -A npm:vitest run --pool=threads`: the processes of its other pools do
 * not know the imports of `deno.json`. Vite does not know them either, so that tests import from a file of
 * their own, `clustertest.ts`, which Vite leaves to Deno:
 *
 * ```ts ignore
 * // clustertest.ts
 * export * from "@clustertest/clustertest";
 * // vitest.config.mjs
 * export default { test: { server: { deps: { external: [/\/clustertest\.ts$/] } } } };
 * ```
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { clusterTest } from "@clustertest/clustertest";
 *
 * Deno.test(
 *   "a node greets",
 *   clusterTest({ timeout: 60_000, artifacts: ["*.log"] }, async (cluster) => {
 *     const node = await cluster.addNode();
 *     const { stdout } = await node.run("echo", ["hello"]);
 *     strictEqual(stdout, "hello\n");
 *   }),
 * );
 * ```
 *
 * Tests of a file may share a cluster, which is made before the first of them begins, or by `beforeAll`:
 * then it does not exist yet when tests are defined, so they are defined as
 * `(t) => clusterTest({ cluster }, body)(t)`.
 * Nodes and processes that outlive a test have to be made there as well: made in a test, they would be
 * reported by the sanitizers of `Deno.test` as leaks.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster, clusterTest } from "@clustertest/clustertest";
 *
 * const cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * Deno.test.afterAll(() => cluster.stop());
 *
 * Deno.test("it greets", clusterTest({ cluster }, async () => {
 *   strictEqual((await node.run("echo", ["hello"])).stdout, "hello\n");
 * }));
 * ```
 */
export function clusterTest<C = Deno.TestContext>(
  body: ClusterTestBody<NodeOptions, C>,
): (context: C) => Promise<void>;
/** The same, with options. */
export function clusterTest<O extends NodeOptions = NodeOptions, C = Deno.TestContext>(
  options: ClusterTestOptions<O>,
  body: ClusterTestBody<O, C>,
): (context: C) => Promise<void>;
export function clusterTest<O extends NodeOptions, C>(
  ...args: [ClusterTestBody<O, C>] | [ClusterTestOptions<O>, ClusterTestBody<O, C>]
): (context: C) => Promise<void> {
  const [given, body] = args.length === 1 ? [{}, args[0]] : args;
  if (typeof body !== "function") {
    throw new TypeError(
      `Cannot define a test: its body must be a function, not ${
        Deno.inspect(body)
      }; options come before it`,
    );
  }
  const about = { on: "cluster", name: "test", options: given, kinds: TEST_KINDS } as const;
  const call = new AuthorCall(clusterTest, about);
  const wholeCall = new AuthorCall(clusterTest, about);
  const options = call.check(() => checkedTestOptions(given));
  // Frameworks look at the number of parameters, and `Deno.test` at the name.
  const test = (context: C) => new TestRun({ call, wholeCall, options, body, context }).run();
  return Object.defineProperty(test, "name", { value: body.name });
}
