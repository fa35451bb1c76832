/**
 * What becomes of clusters whose engine ends, or answers no more.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import { NodeLostError } from "../errors.ts";
import { currentRun } from "../ownership/current_run.ts";
import { docker } from "./backend.ts";
import type { DockerNodeOptions } from "./docker_options.ts";
import { listResources } from "./list_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { canStartEngines, PrivateEngine } from "./testing/private_engine.ts";
import { StallingRelay } from "./testing/stalling_relay.ts";
import { withoutSockets } from "./testing/without_sockets.ts";

const ignore = !await haveEngine() || !await canStartEngines();
const image = testImages.busybox;

function make(host: string, options: DockerNodeOptions = {}): Promise<Cluster<DockerNodeOptions>> {
  return Cluster.create(docker({ host, image, ...options }), { progress: false });
}

async function startEngine(): Promise<PrivateEngine> {
  const engine = await PrivateEngine.start();
  await using usual = await openEngine();
  await engine.load(image, usual);
  return engine;
}

/** A test whose cluster cannot be given back: the guardian stays until this process has ended. */
function testUnreturned(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, sanitizeOps: false, sanitizeResources: false, fn });
}

/** Ends an engine under a cluster, and checks that both sides of it know what to do. */
async function endEngine(end: (engine: PrivateEngine) => Promise<void>): Promise<Error> {
  await using engine = await startEngine();
  const cluster = await make(engine.host, withoutSockets);
  const node = await cluster.addNode();
  const running = node.run("sleep", ["1000"]).catch((error) => error);
  await end(engine);
  const error = await running;
  strictEqual(error instanceof NodeLostError, true, String(error));
  await rejects(cluster.addNode(), /cannot be reached/);
  await rejects(cluster[Symbol.asyncDispose](), /cannot be reached/);

  await engine.startAgain();
  await docker({ host: engine.host }).sweep({ run: currentRun().id });
  await using connection = await engine.connect();
  deepStrictEqual(await listResources(connection, { clusterId: cluster.id }), []);
  return error;
}

testUnreturned(
  "nodes are lost when their engine is stopped, and a sweep removes the rest later",
  async () => {
    const { message } = await endEngine((engine) => engine.stop());
    match(message, /its container (was ended|ended)|the engine that it ran on cannot be reached/);
  },
);

testUnreturned(
  "nodes are lost when their engine is killed, and a sweep removes the rest later",
  async () => {
    const { message } = await endEngine((engine) => engine.kill());
    match(message, /the engine that it ran on cannot be reached any more/);
  },
);

Deno.test({
  name:
    "nodes on this machine go on while their engine is dead, and are lost when it has them ended",
  ignore,
  fn: async () => {
    await using engine = await startEngine();
    const cluster = await make(engine.host);
    const node = await cluster.addNode();
    const running = node.run("sleep", ["1000"]).catch((error) => error);
    await engine.kill();
    await rejects(cluster.addNode(), /cannot be reached/);
    strictEqual((await node.run("echo", ["here"])).stdout, "here\n");

    await engine.startAgain();
    const error = await running;
    strictEqual(error instanceof NodeLostError, true, String(error));
    await cluster[Symbol.asyncDispose]();
    await using connection = await engine.connect();
    deepStrictEqual(await listResources(connection, { clusterId: cluster.id }), []);
  },
});

testUnreturned("a deadlocked engine is named as such, nodes go on, and disposal ends", async () => {
  await using relay = await StallingRelay.open("/var/run/docker.sock");
  const cluster = await make(relay.host);
  const node = await cluster.addNode();
  relay.stall();
  await rejects(cluster.addNode(), /still answers other calls: it has probably deadlocked/);
  strictEqual((await node.run("echo", ["here"])).stdout, "here\n");
  await rejects(cluster[Symbol.asyncDispose](), /deadlocked.*Restart the engine/);

  await docker().sweep({ run: currentRun().id });
  await using engine = await openEngine();
  deepStrictEqual(await listResources(engine, { clusterId: cluster.id }), []);
});

testUnreturned("a frozen engine is named as such, nodes go on, and disposal ends", async () => {
  await using engine = await startEngine();
  const cluster = await make(engine.host);
  const node = await cluster.addNode();
  engine.freeze();
  strictEqual((await node.run("echo", ["here"])).stdout, "here\n");
  await rejects(cluster.addNode(), /nor does it answer anything else/);
  await rejects(cluster[Symbol.asyncDispose](), /nor does it answer anything else/);

  engine.thaw();
  await docker({ host: engine.host }).sweep({ run: currentRun().id });
  await using connection = await engine.connect();
  deepStrictEqual(await listResources(connection, { clusterId: cluster.id }), []);
});
