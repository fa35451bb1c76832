import { AuthorCall } from "../calls/mod.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { NodeOptions } from "../kit/mod.ts";
import { checkedTestOptions, type ClusterTestOptions, TEST_KINDS } from "./cluster_test_options.ts";
import { TestRun } from "./test_run.ts";

/**
 * What a test does with its cluster. `context` is what its framework gives to tests, with the same
 * members: `name`, `step` and others of `Deno.test`, `signal` of `node:test`, `task.name` of Vitest.
 */
export type ClusterTestBody<O extends NodeOptions, C> = (
  cluster: Cluster<O>,
  context: C,
) => unknown;

/**
 * Makes a function for `Deno.test`, for `test` of `node:test`, or for that of Vitest: it makes a cluster,
 * runs `body` with it, and disposes of it.
 *
 * In place of `Cluster.create` it knows the test's name, and whether it has failed:
 *
 * - Both are in the record of the run, whatever the end.
 * - It rejects at once when the test is over before its time, whatever `body` still waits for: when
 *   `cluster.signal` aborts, or the signal that the framework gives, or `timeout` is over.
 * - Before the cluster of a test that has failed is torn down, `artifacts` are collected from its nodes.
 * - The console says in a few lines what failed, which processes had ended and how, and where the record
 *   is, unless `CLUSTERTEST_PROGRESS` is `off`.
 * - With `CLUSTERTEST_KEEP=failed` the cluster of a test that has failed stays, so that one can look in.
 *
 * It rejects with what `body` rejects with, unchanged if that is an error; with an `AggregateError` that
 * begins with it when something else failed, too: not what only came of the reason for which the test was
 * over, as waits for an essential process that has ended do. A step that failed makes a test fail as well; its own
 * error has the line, since `Deno.test` takes ours for its place. A time limit of `Deno.test` itself is
 * told to nobody: give a shorter `timeout`. Options that are wrong are refused when the test is defined.
 *
 * Vitest runs on Deno with `deno run -A npm:vitest run --pool=threads`: processes of its own would not
 * know the imports of `deno.json`.
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
 * Tests of a file may share a cluster, which is made before the first of them begins, or by `beforeAll`. A
 * node or a process that stays longer than a test has to be made there, too: sanitizers would say that a
 * test leaves it behind.
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
  const options = checkedTestOptions(given);
  // Frameworks look at the number of parameters, and `Deno.test` at the name.
  const test = (context: C) => new TestRun({ call, wholeCall, options, body, context }).run();
  return Object.defineProperty(test, "name", { value: body.name });
}
