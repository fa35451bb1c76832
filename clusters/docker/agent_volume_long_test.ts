/**
 * How an engine that has no agent yet is given one.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { obtainAgent } from "../../agent/build/obtain_agent.ts";
import type { ProcessIdentity } from "../kit/mod.ts";
import type { Ownership } from "../ownership/owner_labels.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { agentVolumeName, ensureAgentVolume, type FillVolumeOptions } from "./agent_volume.ts";
import type { Engine } from "./engine/engine.ts";
import { ownedLabels } from "./labels.ts";
import { listResources } from "./list_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { canStartEngines, PrivateEngine } from "./testing/private_engine.ts";
import { RunnerProcess } from "../testing/runner_process.ts";

const ignore = !await haveEngine() || !await canStartEngines();
const image = testImages.busybox;

async function startEngine(): Promise<PrivateEngine> {
  const engine = await PrivateEngine.start();
  await using usual = await openEngine();
  await engine.load(image, usual);
  return engine;
}

function owned(owner: ProcessIdentity): Ownership {
  return { run: { id: "run", owner }, clusterId: "cluster" };
}

async function createContainer(engine: Engine, name: string, body: object): Promise<void> {
  const call = { method: "POST", path: "/containers/create", query: { name }, body } as const;
  await engine.call({ what: "create a container", ...call });
}

Deno.test({
  name: "two runners that use a new engine at once fill one volume and get in nobody's way",
  ignore,
  fn: async () => {
    await using engine = await startEngine();
    const plan = { backend: { docker: { host: engine.host, image } }, nodes: 4, lease: 600_000 };
    await using one = new RunnerProcess(plan);
    await using two = new RunnerProcess(plan);
    const names = ["node1", "node2", "node3", "node4"];
    await Promise.all([one, two].map(async (runner) => {
      await runner.cluster();
      deepStrictEqual(await runner.outputs(), names);
      strictEqual(await runner.end(), true);
    }));
    await using connection = await engine.connect();
    const left = await listResources(connection);
    deepStrictEqual(left.map(({ labels }) => labels.role), ["agent"]);
  },
});

Deno.test({
  name: "ensureAgentVolume() fills a volume that a dead runner has left half full",
  ignore,
  fn: async () => {
    await using engine = await startEngine();
    await using connection = await engine.connect();
    const { signal } = new AbortController();
    const pack = await obtainAgent(
      Deno.build.arch === "aarch64" ? "aarch64-unknown-linux-gnu" : "x86_64-unknown-linux-gnu",
      { signal },
    );
    const volume = agentVolumeName(pack);
    const dead = owned({ ...currentProcess(), start: "1" });
    const filler = { Image: image, Entrypoint: ["x"], Labels: ownedLabels("filler", dead) };
    const binds = { HostConfig: { Binds: [`${volume}:/clustertest/agent`] } };
    await createContainer(connection, `${volume}-filler`, { ...filler, ...binds });

    const options: FillVolumeOptions = { ...owned(currentProcess()), image, signal };
    strictEqual(await ensureAgentVolume(connection, pack, options), volume);
    const left = await listResources(connection);
    deepStrictEqual(left.filter(({ kind }) => kind === "container"), []);
  },
});
