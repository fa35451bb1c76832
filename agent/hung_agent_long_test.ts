import assert from "node:assert/strict";
import { join } from "node:path";
import type { AgentHost } from "./client/agent_host.ts";
import { requirement } from "../clusters/requirement.ts";
import { Fleet } from "./client/fleet.ts";
import { findStrays } from "./host/stray_processes.ts";
import { openHost, startEnrolled, startInFleet } from "./testing/connected_agent.ts";
import { checkDeadFiles, deadFile } from "./testing/dead_file.ts";

const deadFiles = await requirement("FUSE", checkDeadFiles);
const linux = Deno.build.os === "linux";

/** Milliseconds after which a lost agent is given up. */
const PATIENCE = 500;

/** Seconds: enough to be enrolled and asked for something, also where much else runs. */
const LEASE = "6";

/** Runs a test with a folder of its own. */
function test(
  { name, ignore }: { name: string; ignore: boolean },
  fn: (dir: string) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      const dir = await Deno.makeTempDir();
      try {
        await fn(dir);
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  });
}

async function emptyFile(dir: string, name: string): Promise<string> {
  await Deno.writeFile(join(dir, name), new Uint8Array());
  return join(dir, name);
}

/** Reads a tree, which the agent does with calls that wait. */
async function readAll(host: AgentHost, dir: string): Promise<void> {
  await new Response(await host.files.readTree(dir)).arrayBuffer();
}

/** The number of the process that watches an agent, once there is one. */
async function watchOf(agent: number): Promise<number> {
  for (;;) {
    for await (const { name } of Deno.readDir("/proc")) {
      const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      if (line.includes(`\0watch\0agent=${agent}\0`)) return Number(name);
    }
  }
}

/** Resolves when a process that is nobody's child is gone. */
async function awaitEnd(pid: number): Promise<void> {
  while (await Deno.stat(`/proc/${pid}`).catch(() => false)) {
    await new Promise((go) => setTimeout(go));
  }
}

test({
  name: "an agent that hangs in a dead file system ends with its lease, and what it started",
  ignore: deadFiles === undefined,
}, async (dir) => {
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  const options = {
    wrapper: deadFile(await emptyFile(dir, "dead")),
    args: ["--lease", LEASE],
    env: marker,
  };
  await using enrolled = await startEnrolled(options);
  await using host = await openHost(enrolled, { patience: PATIENCE });
  const { pid } = enrolled.agent;
  const watch = await watchOf(pid);
  await host.processes.start({ command: "sh", args: ["-c", "setsid sleep 1000 & wait"] });
  await assert.rejects(readAll(host, dir), { name: "HostLostError" });
  assert.equal((await enrolled.agent.status).signal, "SIGKILL");
  await awaitEnd(watch);
  assert.deepEqual(await findStrays({ marker }), []);
  assert.match(
    enrolled.agent.log,
    /^the agent hangs: its watch ends it, and what it has started$/m,
  );
});

test({
  name: "an agent that hangs in writing its log ends with its lease, and what it started",
  ignore: !linux,
}, async (dir) => {
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  // The pipe is full, and whoever might read it does not.
  const fill = `mkfifo ${dir}/log; exec 5<>${dir}/log
    dd if=/dev/zero of=/dev/fd/5 bs=4096 oflag=nonblock 2>/dev/null; exec "$@" 2>&5`;
  const wrapper = ["sh", "-c", fill, "sh"];
  await using enrolled = await startEnrolled({ wrapper, args: ["--lease", LEASE], env: marker });
  await using host = await openHost(enrolled, { patience: PATIENCE });
  const watch = await watchOf(enrolled.agent.pid);
  await host.processes.start({ command: "sleep", args: ["1000"] });
  assert.equal((await enrolled.agent.status).signal, "SIGKILL");
  await awaitEnd(watch);
  assert.deepEqual(await findStrays({ marker }), []);
});

test({
  name: "an agent that hangs has its machine switched off, if it would have done so",
  ignore: deadFiles === undefined,
}, async (dir) => {
  const [tree, bin] = [join(dir, "tree"), join(dir, "bin")];
  await Promise.all([tree, bin].map((each) => Deno.mkdir(each)));
  await Deno.writeTextFile(join(bin, "poweroff"), `#!/bin/sh\necho "$0 $*" > ${bin}/done\n`);
  await Deno.chmod(join(bin, "poweroff"), 0o755);
  const hide = `mount --bind ${bin} /usr/sbin && mount --bind ${bin} /sbin && exec "$@"`;
  const wrapper = [...deadFile(await emptyFile(tree, "dead")), "sh", "-c", hide, "sh"];
  const args = ["--lease", LEASE, "--at-end", "shutdown"];
  await using enrolled = await startEnrolled({ wrapper, args });
  await using host = await openHost(enrolled, { patience: PATIENCE });
  const watch = await watchOf(enrolled.agent.pid);
  await assert.rejects(readAll(host, tree), { name: "HostLostError" });
  assert.equal((await enrolled.agent.status).signal, "SIGKILL");
  await awaitEnd(watch);
  assert.equal(await Deno.readTextFile(join(bin, "done")), "/sbin/poweroff \n");
});

test({
  name:
    "an agent that is watched later is watched all the same, and hangs no longer than its lease",
  ignore: deadFiles === undefined,
}, async (dir) => {
  const wrapper = deadFile(await emptyFile(dir, "dead"));
  await using enrolled = await startEnrolled({
    wrapper,
    args: ["--lease", LEASE, "--watch-later"],
  });
  await using host = await openHost(enrolled, { patience: PATIENCE });
  const watch = await watchOf(enrolled.agent.pid);
  await assert.rejects(readAll(host, dir), { name: "HostLostError" });
  assert.equal((await enrolled.agent.status).signal, "SIGKILL");
  await awaitEnd(watch);
});

test({
  name: "an agent ends with its lease by itself though reading a folder of it does not return",
  ignore: deadFiles === undefined,
}, async (dir) => {
  await Deno.mkdir(join(dir, "dead"));
  await using enrolled = await startEnrolled({
    wrapper: deadFile(join(dir, "dead")),
    args: ["--lease", LEASE],
  });
  await using host = await openHost(enrolled, { patience: PATIENCE });
  await assert.rejects(readAll(host, dir), { name: "HostLostError" });
  assert.equal((await enrolled.agent.status).code, 3);
});

test({
  name: "an agent ends with its lease by itself though a process does not get into its folder",
  ignore: deadFiles === undefined,
}, async (dir) => {
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  const options = { wrapper: deadFile(dir), args: ["--lease", LEASE], env: marker };
  await using enrolled = await startEnrolled(options);
  await using host = await openHost(enrolled, { patience: PATIENCE });
  const starting = host.processes.start({ command: "sleep", args: ["1000"], cwd: dir });
  await assert.rejects(starting, { name: "HostLostError" });
  assert.equal((await enrolled.agent.status).code, 3);
  assert.deepEqual(await findStrays({ marker }), []);
});

test({
  name: "an agent whose processes wait for pipes by the dozen ends with its lease by itself",
  ignore: !linux,
}, async () => {
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  await using enrolled = await startEnrolled({ args: ["--lease", LEASE], env: marker });
  await using host = await openHost(enrolled, { patience: PATIENCE });
  const pipe = await host.processes.start({ command: "mkfifo", args: ["pipe"] });
  assert.ok((await pipe.status).success);
  await host.processes.start({ command: "sleep", args: ["1000"] });
  // More than the runtime has threads for.
  const readings = Array.from({ length: 100 }, () => host.files.read("pipe"));
  const ends = await Promise.allSettled(readings);
  assert.ok(ends.every(({ status }) => status === "rejected"));
  assert.equal((await enrolled.agent.status).code, 3);
  assert.deepEqual(await findStrays({ marker }), []);
});

test({
  name: "an agent that crashes has no watch any more, and what it started is left alone",
  ignore: !linux,
}, async () => {
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  await using enrolled = await startEnrolled({ env: marker });
  await using host = await openHost(enrolled, { patience: PATIENCE });
  const watch = await watchOf(enrolled.agent.pid);
  const sleep = await host.processes.start({ command: "sleep", args: ["1000"] });
  enrolled.agent.kill("SIGKILL");
  await enrolled.agent.status;
  await awaitEnd(watch);
  assert.deepEqual(await findStrays({ marker }), [sleep.pid]);
  Deno.kill(sleep.pid, "SIGKILL");
});

test({
  name: "an agent whose watch was killed gets another one, and ends as ever",
  ignore: !linux,
}, async () => {
  await using fleet = Fleet.create({ heartbeat: { interval: 50, timeout: 60_000 } });
  await using node = await startInFleet(fleet);
  const { pid } = node.agent;
  const first = await watchOf(pid);
  Deno.kill(first, "SIGKILL");
  await awaitEnd(first);
  const second = await watchOf(pid);
  node.agent.kill("SIGTERM");
  assert.equal((await node.agent.status).code, 0);
  await awaitEnd(second);
  assert.match(node.agent.log, /the watch over this agent has ended: another one is started/);
});
