/**
 * What becomes of a node whose processes are killed, or whose container is, on a real engine.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import { artifactsOf } from "../conformance/artifact_cases.ts";
import { commandActivities, processActivities } from "../conformance/command_activities.ts";
import { loseDuring, lossActivities } from "../conformance/loss_cases.ts";
import { NodeLostError } from "../errors.ts";
import type { Node } from "../node/node.ts";
import { docker } from "./backend.ts";
import { type ContainerInspection, removeContainer } from "./container.ts";
import type { DockerNodeOptions } from "./docker_options.ts";
import type { Engine } from "./engine/engine.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

function make(options: DockerNodeOptions = {}): Promise<Cluster<DockerNodeOptions>> {
  return Cluster.create(docker({ image: testImages.busybox, ...options }), { progress: false });
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** What the engine knows of a node's container. */
async function containerOf(engine: Engine, { id }: Node): Promise<ContainerInspection> {
  return await engine.call({ what: "inspect", method: "GET", path: `/containers/${id}/json` });
}

test("a node that was killed keeps its container, with tmpfs and address, for the next start", async () => {
  await using cluster = await make({ tmpfs: { "/fast": "" } });
  await using engine = await openEngine();
  const node = await cluster.addNode();
  await node.writeTextFile("/fast/kept", "content");
  const addressOf = async () => (await containerOf(engine, node)).NetworkSettings.Networks;
  const before = await addressOf();
  await node.kill();
  strictEqual((await containerOf(engine, node)).State.Running, true);
  await node.start();
  deepStrictEqual(await addressOf(), before);
  strictEqual(await node.readTextFile("/fast/kept"), "content");
});

test("a node whose container is removed while it is down is lost, and says so to start()", async () => {
  await using cluster = await make();
  await using engine = await openEngine();
  const node = await cluster.addNode();
  await node.kill();
  const lost = new Promise((resolve) => node.signal.addEventListener("abort", resolve));
  await removeContainer(engine, node.id, node.name);
  await lost;
  deepStrictEqual(cluster.nodes, []);
  await rejects(node.start(), (error) => {
    ok(error instanceof NodeLostError);
    match(error.message, /^Cannot complete node\.start\(\): .*was lost: its container /);
    return true;
  });
});

test("the files of a node whose container is removed while it is down are missed in an event", async () => {
  await using cluster = await make();
  await using engine = await openEngine();
  const [node, other] = await cluster.addNodes(2);
  for (const each of [node, other]) await each.writeTextFile("a.log", each.name);
  let removal = Promise.resolve();
  const collected = await artifactsOf({
    cluster: cluster as unknown as Cluster,
    patterns: ["*.log"],
    body: async () => {
      await Promise.all([node.kill(), other.kill()]);
      await removeContainer(engine, node.id, node.name);
      // This one goes while its files are asked for: they come, or an event says why not.
      removal = removeContainer(engine, other.id, other.name);
    },
  });
  await removal;
  const { files, errors } = collected.get(node.name)!;
  strictEqual(files, 0);
  match(errors.join(), /its container was /);
  const late = collected.get(other.name)!;
  ok(late.files === 1 || late.errors.length > 0);
});

test("start() of a node whose container is removed at the same time loses the node", async () => {
  await using cluster = await make();
  await using engine = await openEngine();
  const node = await cluster.addNode();
  await node.kill();
  await removeContainer(engine, node.id, node.name);
  const error = await node.start().then(() => node.hostname()).catch((error) => error);
  ok(error instanceof NodeLostError, String(error));
});

test("what is under way fails with NodeLostError when the engine kills the container", async () => {
  await using cluster = await make();
  await using engine = await openEngine();
  const node = await cluster.addNode();
  const localDir = await Deno.makeTempDir({ prefix: "clustertest-lost-" });
  try {
    const place = { node, dir: "lost", localDir: `${localDir}/lost` };
    const activities = { ...lossActivities, ...commandActivities, ...processActivities };
    await loseDuring(activities, place, () => removeContainer(engine, node.id, node.name));
  } finally {
    await Deno.remove(localDir, { recursive: true });
  }
});
