import assert from "node:assert/strict";
import { join } from "node:path";
import { requirement } from "../clusters/requirement.ts";
import { Fleet } from "./client/fleet.ts";
import { findStrays } from "./host/stray_processes.ts";
import { keepLease, openHost, startEnrolled, startInFleet } from "./testing/connected_agent.ts";
import { Authority } from "./testing/authority.ts";
import { spawnAgent } from "./testing/test_agent.ts";

const namespaces = await requirement("namespaces", async () => {
  const args = ["--map-root-user", "--mount", "true"];
  const { success, stderr } = await new Deno.Command("unshare", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return "unshare";
});

/** Long enough to be enrolled and asked for something, also where much else runs. */
const LEASE = ["--lease", "6"];

/** Ways to go on for long. */
const SCRIPTS = [
  "exec sleep 1000",
  "trap '' TERM INT HUP; sleep 1000; sleep 1000",
  // Not every system has that program.
  ...(Deno.build.os === "linux" ? ["setsid sleep 1000 & wait"] : []),
];

Deno.test("an agent ends what it started, then itself, when its lease runs out", async () => {
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  await using enrolled = await startEnrolled({ args: LEASE, env: marker });
  await using host = await openHost(enrolled);
  await Promise.all(
    SCRIPTS.map((script) => host.processes.start({ command: "sh", args: ["-c", script] })),
  );
  assert.ok((await findStrays({ marker })).length > SCRIPTS.length);
  assert.equal((await enrolled.agent.status).code, 3);
  assert.match((await host.lost).summary, /the agent ends/);
  assert.deepEqual(await findStrays({ marker }), []);
});

for (const how of ["lease", "SIGTERM"] as const) {
  Deno.test(`an agent ends hundreds of processes by its ${how} when nobody reads its log`, async () => {
    const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
    const args = ["--lease", how === "lease" ? "10" : "60"];
    await using enrolled = await startEnrolled({ args, env: marker });
    await using host = await openHost(enrolled);
    const sleep = { command: "sh", args: ["-c", "sleep 1000 & sleep 1000 & wait"] };
    {
      // The agent goes on for as long as this takes.
      using _ = keepLease(enrolled);
      await Promise.all(Array.from({ length: 150 }, () => host.processes.start(sleep)));
    }
    await enrolled.agent.closeLog();
    if (how === "SIGTERM") enrolled.agent.kill("SIGTERM");
    assert.equal((await enrolled.agent.status).code, how === "lease" ? 3 : 0);
    assert.deepEqual(await findStrays({ marker }), []);
  });
}

Deno.test("an agent ends with its lease though a call of its system does not return", async () => {
  await using enrolled = await startEnrolled({ args: LEASE });
  await using host = await openHost(enrolled);
  const pipe = await host.processes.start({ command: "mkfifo", args: ["pipe"] });
  assert.ok((await pipe.status).success);
  await assert.rejects(host.files.read("pipe"), { name: "HostLostError" });
  assert.equal((await enrolled.agent.status).code, 3);
});

Deno.test("an agent ends with its lease when its launch document does not come", async () => {
  const child = await spawnAgent(["--root", "/tmp", "--lease", "0.2"]);
  assert.equal((await child.status).code, 3);
  await Promise.all([child.stdin.close(), child.stdout.cancel(), child.stderr.cancel()]);
});

Deno.test("an agent waits longer for a runner that comes late, and then no longer than its lease", async () => {
  await using stack = new AsyncDisposableStack();
  const args = ["--lease", "6", "--start-timeout", "600"];
  const enrolled = stack.use(await startEnrolled({ args }));
  await new Promise((go) => setTimeout(go, 7_000));
  await using host = await openHost(enrolled);
  assert.ok((await host.network.hostname()).length > 0);
  // It sends no heartbeats.
  assert.equal((await enrolled.agent.status).code, 3);
});

Deno.test("an agent ends at the end of its life, long before its lease does", async () => {
  const { launch } = Authority.make();
  const dir = await Deno.makeTempDir();
  const child = await spawnAgent(["--root", join(dir, "node"), "--max-life", "1"]);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(launch)));
  await writer.close();
  const { code, stderr } = await child.output();
  assert.equal(code, 4, new TextDecoder().decode(stderr));
  await Deno.remove(dir, { recursive: true });
});

Deno.test("an agent ends what it started, then itself, when it is asked to", async () => {
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  await using fleet = Fleet.create({ heartbeat: { interval: 1_000, timeout: 60_000 } });
  await using node = await startInFleet(fleet, { env: marker });
  const { connection, agent } = node;
  await connection.host.processes.start({ command: "sh", args: ["-c", SCRIPTS[2]!] });
  agent.kill("SIGTERM");
  assert.equal((await agent.status).code, 0);
  assert.match((await connection.lost).summary, /the agent ends/);
  assert.deepEqual(await findStrays({ marker }), []);
});

Deno.test({
  name: "an agent switches its machine off at its end when it was told to",
  ignore: namespaces === undefined,
  fn: async () => {
    const dir = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(join(dir, "poweroff"), `#!/bin/sh\necho "$0 $*" > ${dir}/done\n`);
      await Deno.chmod(join(dir, "poweroff"), 0o755);
      // What is mounted over the folder is there for this agent and its children only.
      const hide = `mount --bind ${dir} /usr/sbin && mount --bind ${dir} /sbin && exec "$@"`;
      const wrapper = ["unshare", "--map-root-user", "--mount", "sh", "-c", hide, "sh"];
      await using enrolled = await startEnrolled({
        wrapper,
        args: [...LEASE, "--at-end", "shutdown"],
      });
      assert.equal((await enrolled.agent.status).code, 3);
      assert.equal(await Deno.readTextFile(join(dir, "done")), "/sbin/poweroff \n");
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});
