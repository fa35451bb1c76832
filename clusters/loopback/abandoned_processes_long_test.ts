import { RunnerProcess } from "../guardian/testing/runner_process.ts";

/** How many each node runs at a time. */
const PROCESSES = 1_000;

/** Milliseconds for which agents live without a runner. */
const LEASE = 12_000;

/** Milliseconds after which everything has to be gone, on a machine that is busy with other tests. */
const WITHIN = 60_000;

for (const guarded of [true, false]) {
  const by = guarded ? "their guardian" : "agents whose guardian was killed as well";
  Deno.test({
    name: `${PROCESSES} processes on each of two killed runners' nodes are ended by ${by}`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const start = () =>
        RunnerProcess.start({ backend: "loopback", processes: PROCESSES, lease: LEASE });
      await using one = await start();
      await using other = await start();
      await Promise.all(
        [one, other].map((runner) => guarded ? runner.kill() : runner.killWithGuardian()),
      );
      await Promise.all([one, other].map((runner) => runner.awaitNoProcess({ within: WITHIN })));
    },
  });
}
