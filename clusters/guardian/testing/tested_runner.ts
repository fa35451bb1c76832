/**
 * The same as `runner.ts`, as a test that `deno test` runs.
 *
 * @module
 */
import { occupyNode } from "./occupy_node.ts";

Deno.test("a test with a busy node", () => occupyNode(JSON.parse(Deno.env.get("RUNNER_PLAN")!)));
