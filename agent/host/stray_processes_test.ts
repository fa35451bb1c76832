import assert from "node:assert/strict";
import { findStrays, freezeStrays, killStrays } from "./stray_processes.ts";

const ROUNDS = 5;

/** Starts a process after the other, each of which is there for a moment. */
const FORKS = 'while :; do sh -c "sleep 0.2" & sleep 0.005; done';

Deno.test({
  name: "freezeStrays() leaves nothing that runs, though processes start others meanwhile",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
      const start = () =>
        new Deno.Command("sh", { args: ["-c", FORKS], env: marker, detached: true }).spawn();
      const children = [start(), start()];
      try {
        while ((await findStrays({ marker })).length < 20);
        await freezeStrays({ marker });
        const states = (await findStrays({ marker })).map(stateOf);
        assert.deepEqual(states.filter((state) => state !== "T" && state !== undefined), []);
      } finally {
        await killStrays({ marker });
        await Promise.all(children.map(({ status }) => status));
      }
    }
  },
});

function stateOf(pid: number): string | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2)[0];
  } catch {
    return undefined;
  }
}
