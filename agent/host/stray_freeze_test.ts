import assert from "node:assert/strict";
import { StrayFreeze } from "./stray_freeze.ts";
import { findStrays, killStrays } from "./stray_processes.ts";

/** A group with two processes, for as long as a test runs. */
async function withGroup(run: (group: number, child: number) => Promise<void>): Promise<void> {
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  const args = ["-c", "sleep 1000 & echo $!; wait"];
  const leader = new Deno.Command("sh", { args, env: marker, detached: true, stdout: "piped" })
    .spawn();
  try {
    const reader = leader.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    await run(leader.pid, Number(new TextDecoder().decode(value)));
  } finally {
    await killStrays({ marker });
    await leader.status;
    await leader.stdout.cancel();
  }
}

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
}

async function untilStopped(pid: number): Promise<void> {
  while (!isStopped(pid)) await new Promise((go) => setTimeout(go));
}

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "thaw() lets those go on that freeze() has stopped, and not what stood still before",
  ignore,
  fn: () =>
    withGroup(async (group, child) => {
      const freeze = new StrayFreeze({ group });
      await freeze.thaw();
      Deno.kill(child, "SIGSTOP");
      await untilStopped(child);
      assert.equal(await freeze.freeze(), 2);
      assert.equal(await freeze.freeze(), 2);
      assert.ok(isStopped(group));
      await freeze.thaw();
      assert.deepEqual([group, child].map(isStopped), [false, true]);
      const inner = new StrayFreeze({ group: child });
      await Promise.all([freeze.freeze(), freeze.thaw(), freeze.freeze(), inner.freeze()]);
      assert.deepEqual([group, child].map(isStopped), [true, true]);
      await freeze.thaw();
      assert.deepEqual([group, child].map(isStopped), [false, true]);
    }),
});

Deno.test({
  name: "freeze() stops what is left of a group whose leader has ended, and counts none at last",
  ignore,
  fn: () =>
    withGroup(async (group, child) => {
      const freeze = new StrayFreeze({ group });
      await freeze.freeze();
      Deno.kill(group, "SIGKILL");
      while ((await findStrays({ group })).includes(group));
      assert.equal(await freeze.freeze(), 1);
      assert.ok(isStopped(child));
      await freeze.thaw();
      assert.ok(!isStopped(child));
      await killStrays({ group });
      assert.equal(await freeze.freeze(), 0);
    }),
});
