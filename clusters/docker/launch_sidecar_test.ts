/**
 * Agents beside the nodes of an engine of this machine.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import type { ClusterContext, ProvidedNode, Provider, Sidecar } from "../kit/mod.ts";
import type { Host } from "../../agent/host/host.ts";
import { currentRun } from "../ownership/current_run.ts";
import { docker } from "./backend.ts";
import type { DockerNodeOptions } from "./docker_options.ts";
import type { Engine } from "./engine/engine.ts";
import { listResources } from "./list_resources.ts";
import { awaitResources } from "./testing/await_resources.ts";
import { haveEngine, openEngine, seesThisMachine, testImages } from "./testing/engine.ts";
import { withoutSockets } from "./testing/without_sockets.ts";

const ignore = !await haveEngine() || !await seesThisMachine();

const never = (): AbortSignal => new AbortController().signal;

/** A cluster of a backend, without what an author sees. */
async function openProvider(): Promise<{ provider: Provider<DockerNodeOptions>; id: string }> {
  const id = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  const context: ClusterContext = {
    clusterId: id,
    needs: [],
    run: currentRun(),
    heartbeat: { interval: 1_000, timeout: 60_000 },
    emit: () => {},
    signal: never(),
  };
  const backend = docker({ image: testImages.busybox });
  return { provider: await backend.open(context) as Provider<DockerNodeOptions>, id };
}

async function create(
  provider: Provider<DockerNodeOptions>,
  options: DockerNodeOptions = {},
): Promise<ProvidedNode> {
  const [node] = await provider.create([{ name: "node1", options }], { signal: never() });
  return node!;
}

async function outputOf(host: Host, script: string): Promise<string> {
  const command = { command: "sh", args: ["-c", `${script} 2>&1`] };
  const child = await host.processes.start({ ...command, stdout: "piped" });
  const text = await new Response(child.stdout).text();
  await child.status;
  return text.trim();
}

async function rolesOf(engine: Engine, clusterId: string): Promise<string[]> {
  const found = await listResources(engine, { clusterId });
  return found.filter(({ kind }) => kind === "container").map(({ labels }) => labels.role).sort();
}

function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      await using engine = await openEngine();
      const { provider, id } = await openProvider();
      await using _ = provider;
      await fn({ engine, provider, id });
    },
  });
}

interface Scene {
  readonly engine: Engine;
  readonly provider: Provider<DockerNodeOptions>;
  readonly id: string;
}

test("a sidecar has the network of its node, one privilege, and none of its files", async (scene) => {
  const { engine, provider, id } = scene;
  const node = await create(provider, { user: "1234:1234", readOnlyRoot: true });
  await (await node.host.files.write("file")).close();
  {
    await using sidecar = await node.launchSidecar!(never());
    deepStrictEqual(await rolesOf(engine, id), ["node", "sidecar"]);
    const status = await outputOf(sidecar.host, "cat /proc/self/status");
    for (const capabilities of ["CapPrm", "CapEff", "CapBnd"]) {
      match(status, new RegExp(`^${capabilities}:\\t0000000000001000$`, "m"));
    }
    match(status, /^NoNewPrivs:\t1$/m);
    match(status, /^Uid:\t0\t/m);
    const route = "ip route add blackhole 203.0.113.0/24";
    match(await outputOf(node.host, route), /Operation not permitted/);
    strictEqual(await outputOf(sidecar.host, route), "");
    match(await outputOf(node.host, "ip route"), /blackhole 203\.0\.113\.0\/24/);
    await rejects(sidecar.host.files.read("file"), Deno.errors.NotFound);
    match(await outputOf(sidecar.host, "touch /here"), /Read-only file system/);
  }
  deepStrictEqual(await rolesOf(engine, id), ["node"]);
  strictEqual(await outputOf(node.host, "echo here"), "here");
});

test("a sidecar has a filter of system calls, which refuses new namespaces to it", async ({ provider }) => {
  const node = await create(provider);
  await using sidecar = await node.launchSidecar!(never());
  match(await outputOf(sidecar.host, "cat /proc/self/status"), /^Seccomp:\t2$/m);
  for (const way of ["-U", "-n", "-m"]) {
    match(await outputOf(sidecar.host, `unshare ${way} true`), /Operation not permitted/, way);
  }
});

test("a sidecar needs nothing of its node's image, and goes with the node", async (scene) => {
  const { engine, provider, id } = scene;
  const node = await create(provider, { image: testImages.scratch });
  const sidecar = await node.launchSidecar!(never());
  match(await sidecar.host.network.hostname(), /./);
  await node.destroy();
  match((await sidecar.lost).summary, /it was removed/);
  deepStrictEqual(await rolesOf(engine, id), []);
  await rejects(node.launchSidecar!(never()), /its node is to end/);
});

test("a sidecar goes when its node is lost, and is lost itself when its container is", async (scene) => {
  const { engine, provider, id } = scene;
  const node = await create(provider);
  const kill = async (container: string) => {
    const path = `/containers/${container}/kill`;
    await engine.call({ what: "kill", method: "POST", path });
  };
  const one = await node.launchSidecar!(never());
  const containers = await listResources(engine, { clusterId: id });
  await kill(containers.find(({ labels }) => labels.role === "sidecar")!.id);
  match((await one.lost).summary, /its container has ended/);
  await one[Symbol.asyncDispose]();
  const other: Sidecar = await node.launchSidecar!(never());
  await kill(node.id);
  await Promise.all([node.lost, other.lost]);
  const state = { clusterId: id, within: 20_000 };
  await awaitResources(engine, state, (all) => all.every(({ kind }) => kind !== "container"));
});

test("a launch of a sidecar that is given up leaves nothing, whenever that is", async (scene) => {
  const { engine, provider, id } = scene;
  const node = await create(provider);
  await (await node.launchSidecar!(never()))[Symbol.asyncDispose]();
  for (let delay = 0, hasCome = false; !hasCome; delay += 100) {
    const signal = AbortSignal.timeout(delay);
    const sidecar = await node.launchSidecar!(signal).catch((error) => {
      strictEqual(error, signal.reason);
      return undefined;
    });
    hasCome = sidecar !== undefined;
    await sidecar?.[Symbol.asyncDispose]();
    deepStrictEqual(await rolesOf(engine, id), ["node"]);
  }
});

test("a node whose own agent listens has sidecars all the same", async ({ provider }) => {
  const node = await create(provider, withoutSockets);
  await using sidecar = await node.launchSidecar!(never());
  match(
    await outputOf(sidecar.host, "ip route add blackhole 203.0.113.0/24; ip route"),
    /blackhole/,
  );
});
