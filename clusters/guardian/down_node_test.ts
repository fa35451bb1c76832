/**
 * What is left of nodes that are down when their runner dies, on backends whose nodes share this host.
 *
 * @module
 */
import assert from "node:assert/strict";
import { local } from "../local/mod.ts";
import { RunnerProcess } from "./testing/runner_process.ts";

/** Milliseconds in which a guardian has removed everything, on a machine that is busy with other tests. */
const WITHIN = 60_000;

/** Processes are looked for in `/proc`. */
const ignore = Deno.build.os !== "linux";

for (const backend of ["local", "loopback"] as const) {
  Deno.test({
    name:
      `a guardian leaves nothing of a node on ${backend} that is down when its runner is killed`,
    ignore,
    fn: async () => {
      await using runner = await RunnerProcess.start({ backend, down: true });
      await runner.kill();
      await runner.awaitNothing({ within: WITHIN });
    },
  });

  Deno.test({
    name:
      `only a folder is left of a node on ${backend} that is down when runner and guardian are ` +
      "killed, for a sweep",
    ignore,
    fn: async () => {
      await using runner = await RunnerProcess.start({ backend, down: true });
      await runner.killWithGuardian();
      assert.deepEqual(await runner.leftOvers(), [runner.report.folder]);
      await local().sweep({ run: runner.report.run });
      await runner.awaitNothing({ within: WITHIN });
    },
  });
}
