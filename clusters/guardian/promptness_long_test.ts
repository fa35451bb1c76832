import { type RunnerOptions, RunnerProcess } from "./testing/runner_process.ts";

/** Milliseconds until everything of a dead runner is gone. Other tests do not run beside this one. */
const PROMISED = 2_000;

const backends: readonly RunnerOptions["backend"][] = ["local", "loopback"];

for (const backend of backends) {
  for (const how of ["kill", "interrupt"] as const) {
    Deno.test({
      name: `nothing is left of a runner on ${backend} two seconds after its end by ${how}()`,
      ignore: Deno.build.os !== "linux",
      fn: async () => {
        await using runner = await RunnerProcess.start({ backend });
        await runner[how]();
        await runner.awaitNothing({ within: PROMISED });
      },
    });
  }
}
