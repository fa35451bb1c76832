import { RunnerProcess } from "../guardian/testing/runner_process.ts";

/** Milliseconds for which agents live without a runner. */
const LEASE = 6_000;

Deno.test({
  name: "an agent whose runner and guardian were killed leaves no process at the end of its lease",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using runner = await RunnerProcess.start({ backend: "loopback", lease: LEASE });
    await runner.killWithGuardian();
    await runner.awaitNoProcess({ within: LEASE + 20_000 });
  },
});
