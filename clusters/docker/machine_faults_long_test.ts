/**
 * Faults whose runner, or whose engine, is killed.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { NodeLostError } from "../errors.ts";
import type { Node } from "../node/mod.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { docker } from "./backend.ts";
import { Container } from "./container.ts";
import type { Engine } from "./engine/engine.ts";
import { listResources } from "./list_resources.ts";
import { awaitResources } from "./testing/await_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { canStartEngines, PrivateEngine } from "./testing/private_engine.ts";
import { run } from "./testing/run.ts";

const ignore = !await haveEngine();
const image = testImages.busybox;

/** Milliseconds in which what is left of a run has to be gone, on a machine that is busy. */
const SECONDS = 60_000;

const MEBIBYTE = 1024 * 1024;

/** A container that is nobody's node. */
async function foreignContainer(engine: Engine): Promise<Container> {
  const container = await Container.create(engine, `clustertest-test-${crypto.randomUUID()}`, {
    Image: image,
    Entrypoint: ["/bin/sleep", "1000"],
    HostConfig: { NanoCpus: 700_000_000, Memory: 300 * MEBIBYTE, AutoRemove: true },
  });
  await container.start(new AbortController().signal);
  return container;
}

Deno.test({
  name: "nothing is left of limits and a full disk when runner and guardian are killed",
  ignore,
  async fn() {
    await using engine = await openEngine();
    const foreign = await foreignContainer(engine);
    try {
      const before = await foreign.inspect();
      const plan = { backend: { docker: { image } }, nodes: 2, lease: 8_000 };
      await using runner = new RunnerProcess({ ...plan, isolated: true, limited: true });
      const state = { clusterId: await runner.cluster(), within: SECONDS };
      await runner.outputs();
      const all = await listResources(engine, state);
      ok(all.some(({ labels }) => labels.role === "sidecar"));
      await runner.killWithGuardian();
      await awaitResources(
        engine,
        state,
        (all) => all.every(({ kind }) => kind !== "container"),
      );
      await docker({ image }).sweep({ run: all[0]!.labels.run });
      deepStrictEqual(await listResources(engine, state), []);
      deepStrictEqual((await foreign.inspect())!.HostConfig, before!.HostConfig);
    } finally {
      await foreign.remove();
    }
  },
});

/** How many tables of ours the kernel has in the network of a node. */
async function tablesOf({ host }: PrivateEngine, { id }: Node): Promise<() => Promise<number>> {
  const format = "--format={{.State.Pid}}";
  const pid = (await run("docker", ["--host", host, "inspect", format, id])).trim();
  return async () => {
    const tables = await run("nsenter", ["-t", pid, "-n", "nft", "list", "tables"]);
    return tables.match(/clustertest_/g)?.length ?? 0;
  };
}

Deno.test({
  name: "faults stay when their engine is killed, are healed without it, and go with the nodes",
  ignore: ignore || !await canStartEngines("nsenter", "nft"),
  async fn() {
    await using alone = await PrivateEngine.start();
    {
      await using usual = await openEngine();
      await alone.load(image, usual);
    }
    const backend = docker({ host: alone.host, image });
    const cluster = await Cluster.create(backend, { progress: false });
    const [a, b] = await cluster.addNodes(2);
    // The rules of the machine's firewall are another engine's: nodes of this one do not meet.
    const cut = await cluster.faults.partition([a, b], { proof: false });
    const tables = await tablesOf(alone, a);
    const full = await cluster.faults.fullDisk(a, "/dev/shm");
    const limited = await cluster.faults.cpu(a, 0.5);
    const write = () => a.writeTextFile("/dev/shm/file", "hello");
    await alone.kill();
    strictEqual(await tables(), 1);
    await rejects(write(), /No space left/);
    await cut.heal();
    await full.heal();
    strictEqual(await tables(), 0);
    await write();
    // The limit is the engine's own.
    await rejects(limited.heal(), /cannot be reached/);
    const isolated = await cluster.faults.isolate(a, { proof: false });
    await alone.startAgain();
    const error = await a.run("sleep", ["1000"]).catch((error) => error);
    ok(error instanceof NodeLostError, String(error));
    await isolated.heal();
    await limited.heal();
    await cluster[Symbol.asyncDispose]();
    await using engine = await alone.connect();
    deepStrictEqual(await listResources(engine, { clusterId: cluster.id }), []);
  },
});
