import assert from "node:assert/strict";
import { join } from "node:path";
import { requirement } from "../../clusters/requirement.ts";
import { findStrays, freezeStrays, killStrays } from "./stray_processes.ts";

const setpriv = await requirement("privileges", async () => {
  const { success } = await new Deno.Command("setpriv", { args: ["--reuid=65534", "true"] })
    .output();
  if (!success) throw new Error("setpriv cannot change the user");
  return "setpriv";
});

const ROUNDS = 5;

/** Processes that have been there when all are stopped. */
const STARTED = 20;

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
        // Others again and again, however quickly they come and go.
        const seen = new Set<number>();
        while (seen.size < STARTED) for (const pid of await findStrays({ marker })) seen.add(pid);
        await freezeStrays({ marker });
        const running = (await findStrays({ marker })).filter((pid) => !hasStopped(pid));
        assert.deepEqual(running.map(stateOf), []);
      } finally {
        await killStrays({ marker });
        await Promise.all(children.map(({ status }) => status));
      }
    }
  },
});

Deno.test({
  name: "killStrays() ends a chain of processes, each of which starts the next and ends at once",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const dir = await Deno.makeTempDir();
    const link = join(dir, "link");
    const trace = join(dir, "trace");
    await Deno.writeTextFile(link, `#!/bin/sh\n: > ${trace}\nsleep 0.002\n"$0" &\n`);
    await Deno.chmod(link, 0o755);
    for (let round = 0; round < ROUNDS; round++) {
      const env = { CLUSTERTEST_NODE: crypto.randomUUID() };
      const { status } = new Deno.Command(link, { env, detached: true }).spawn();
      await status;
      await killStrays({ marker: env });
      await Deno.remove(trace);
      // If there still are links, the next one leaves its trace before this process has ended.
      await new Deno.Command("sleep", { args: ["0.2"] }).output();
      await assert.rejects(Deno.lstat(trace), Deno.errors.NotFound);
    }
    // Without their program, links that were not found end as well.
    await Deno.remove(dir, { recursive: true });
  },
});

Deno.test({
  name: "findStrays() finds those of other users as root, without a right to trace them",
  ignore: setpriv === undefined,
  fn: async () => {
    const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
    const folder = await Deno.realPath(await Deno.makeTempDir());
    await Deno.chmod(folder, 0o755);
    const sleep = ["--reuid=12345", "--regid=23456", "--clear-groups", "sleep", "1000"];
    const start = (options: Deno.CommandOptions) =>
      new Deno.Command("setpriv", { ...options, args: sleep, stdout: "null" }).spawn();
    const children = [start({ env: marker }), start({ cwd: folder })];
    try {
      // Before that, they are root's still.
      for (const { pid } of children) await begins(pid, "sleep");
      // As in a container.
      const code = `import { findStrays } from "${import.meta.resolve("./stray_processes.ts")}";
        const [marker, folder] = JSON.parse(Deno.args[0]);
        const found = [await findStrays({ marker }), await findStrays({ folder })];
        console.log(JSON.stringify([...found, Deno.uid()]));`;
      const deno = [Deno.execPath(), "eval", "--no-config", code, JSON.stringify([marker, folder])];
      const args = ["--bounding-set=-sys_ptrace", ...deno];
      const { stdout, stderr } = await new Deno.Command("setpriv", { args }).output();
      assert.equal(new TextDecoder().decode(stderr), "");
      const [marked, inside, uid] = JSON.parse(new TextDecoder().decode(stdout));
      assert.deepEqual([marked, inside, uid], [[children[0]!.pid], [children[1]!.pid], 0]);
    } finally {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map(({ status }) => status));
      await Deno.remove(folder);
    }
  },
});

/** Resolves once a process runs this program. */
async function begins(pid: number, program: string): Promise<void> {
  while ((await Deno.readTextFile(`/proc/${pid}/comm`)).trim() !== program) { /* again */ }
}

/** Also one that has not stopped itself because it waits until its child, which has, runs a program. */
function hasStopped(pid: number): boolean {
  const state = stateOf(pid);
  if (state !== "D") return state === "T" || state === undefined;
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  return children.some((child) => stateOf(Number(child)) === "T");
}

function stateOf(pid: number): string | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2)[0];
  } catch {
    return undefined;
  }
}
