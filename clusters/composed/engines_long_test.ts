/**
 * One cluster over two engines, whose networks do not reach each other, and this machine.
 *
 * @module
 */
import { deepStrictEqual, doesNotMatch, match, ok, rejects, strictEqual } from "node:assert/strict";
import { dirname } from "node:path";
import { Cluster } from "../cluster/mod.ts";
import { docker } from "../docker/mod.ts";
import { awaitResources } from "../docker/testing/await_resources.ts";
import type { Engine } from "../docker/engine/engine.ts";
import { haveEngine, openEngine, testImages } from "../docker/testing/engine.ts";
import { canStartEngines, PrivateEngine } from "../docker/testing/private_engine.ts";
import type { Mesh } from "../links/mod.ts";
import { local } from "../local/mod.ts";
import type { Node } from "../node/mod.ts";
import { currentRun } from "../ownership/mod.ts";
import type { RunnerPlan } from "../testing/runner.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { eventually } from "../waiting/mod.ts";
import { composed } from "./mod.ts";

const hasEtcd = await Deno.stat("/usr/bin/etcd").then(() => true, () => false);
const ignore = !await haveEngine() || !await canStartEngines();

/** Milliseconds for what takes an election, or a guardian, on a busy machine. */
const PATIENCE = 120_000;

/** Where the second engine is, and both of them. */
interface Engines {
  readonly alone: PrivateEngine;
  readonly engines: readonly [usual: Engine, other: Engine];
}

interface EngineTest extends Pick<Deno.TestDefinition, "sanitizeOps" | "sanitizeResources"> {
  /** That the second engine is to have. */
  readonly image: string;
}

function test(
  name: string,
  { image, ...sanitizers }: EngineTest,
  fn: (engines: Engines) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore,
    ...sanitizers,
    fn: async () => {
      await using usual = await openEngine();
      await using alone = await PrivateEngine.start();
      await alone.load(image, usual);
      await using other = await alone.connect();
      await fn({ alone, engines: [usual, other] });
    },
  });
}

const client = ({ address }: Node) => `http://${address}:2379`;

/** Starts a member, whose peers find it at the same address on every node. */
async function startEtcd(node: Node, nodes: readonly Node[], mesh: Mesh): Promise<void> {
  const peer = (node: Node) =>
    `http://${mesh.link(nodes.find((each) => each !== node)!, node).address}`;
  const all = nodes.map((each) => `${each.name}=${peer(each)}`).join();
  const args = ["--name", node.name, "--data-dir", "data", "--initial-cluster", all];
  for (const verb of ["listen", "advertise"]) args.push(`--${verb}-client-urls`, client(node));
  args.push("--listen-peer-urls", `http://${node.address}:2380`);
  args.push("--initial-advertise-peer-urls", peer(node));
  const etcd = await node.spawn("etcd", args);
  await node.waitForHttp(`${client(node)}/health`, { while: etcd, timeout: PATIENCE });
}

async function etcdctl(node: Node, ...args: string[]): Promise<string> {
  const { stdout } = await node.run("etcdctl", [`--endpoints=${client(node)}`, ...args]);
  return stdout.trim();
}

const read = ["get", "colour", "--print-value-only"];

if (hasEtcd) {
  test(
    "etcd on two engines and this machine survives a partition, and an engine that is killed",
    { image: testImages.ami },
    async ({ alone }) => {
      const image = testImages.ami;
      await using cluster = await Cluster.create(composed({
        box: docker({ image }),
        far: docker({ image, host: alone.host }),
        here: local(),
      }));
      const nodes = await cluster.addNodes([{ in: "box" }, { in: "far" }, { in: "here" }]);
      const [box, far, here] = nodes;
      strictEqual(new Set(nodes.map(({ networks }) => networks[0]!.id)).size, 3);
      await using mesh = await cluster.mesh(nodes, 2380);
      ok([...mesh].every(({ by, port }) => by === "relay" && port === 2380));
      await cluster.each((node) => startEtcd(node, nodes, mesh));
      // It answers for its health while it still elects a leader.
      await eventually(() => etcdctl(far, "put", "colour", "blue"), { timeout: PATIENCE });

      const cut = await cluster.faults.partition([far, [box, here]]);
      await eventually(() => etcdctl(here, "put", "colour", "green"), { timeout: PATIENCE });
      // One that was refused may still happen once the member is back: so it is about something else.
      await rejects(etcdctl(far, "put", "shade", "dark", "--command-timeout=1s"));
      strictEqual(await etcdctl(far, ...read, "--consistency=s"), "blue");
      await cut.heal();
      const hasCaughtUp = async () => strictEqual(await etcdctl(far, ...read), "green");
      await eventually(hasCaughtUp, { timeout: PATIENCE });

      await alone.kill();
      await eventually(() => etcdctl(box, "put", "colour", "yellow"), { timeout: PATIENCE });
      const isTold = async () => strictEqual(await etcdctl(here, ...read), "yellow");
      await eventually(isTold, { timeout: PATIENCE });
      // So that all of it can be given back.
      await alone.startAgain();
    },
  );
}

/** What a runner does that has a node on each engine, and one here. */
function planFor(alone: PrivateEngine): RunnerPlan {
  const { busybox: image } = testImages;
  const box = { docker: { image } };
  const far = { docker: { image, host: alone.host } };
  return { backend: { composed: { box, far, here: { local: {} } } }, nodes: 1, lease: 600_000 };
}

test(
  "a guardian gives back what a killed runner had on two engines and on this machine",
  { image: testImages.busybox },
  async ({ alone, engines }) => {
    await using runner = new RunnerProcess(planFor(alone));
    const cluster = await runner.cluster();
    strictEqual((await runner.outputs()).length, 3);
    // Each member has an id of its own, which begins with the cluster's.
    const ids = [`${cluster}0`, `${cluster}1`];
    const left = (clusterId: string, i: number, isThere: boolean) =>
      awaitResources(
        engines[i]!,
        { clusterId, within: PATIENCE },
        ({ length }) => isThere === (length > 0),
      );
    await Promise.all(ids.map((id, i) => left(id, i, true)));
    await runner.kill();
    await Promise.all(ids.map((id, i) => left(id, i, false)));
  },
);

test(
  "while an engine is down the other members are given back, and the rest once it is there again",
  // The guardian of what could not be given back stays until this process has ended.
  { image: testImages.busybox, sanitizeOps: false, sanitizeResources: false },
  async ({ alone, engines: [usual, other] }) => {
    await using runner = new RunnerProcess(planFor(alone));
    const guarded = await runner.cluster();
    await runner.outputs();
    const { busybox: image } = testImages;
    const backend = composed({
      box: docker({ image }),
      far: docker({ image, host: alone.host }),
      here: local(),
    });
    const cluster = await Cluster.create(backend);
    const [, , here] = await cluster.addNodes([{ in: "box" }, { in: "far" }, { in: "here" }]);
    await alone.kill();

    await rejects(cluster[Symbol.asyncDispose](), (error: Error) => {
      const all = Deno.inspect(error);
      match(all, /Cannot give back all of "far":/);
      doesNotMatch(all, /all of "(box|here)"/);
      return true;
    });
    const now = { within: 0 };
    const isNothing = ({ length }: { readonly length: number }) => length === 0;
    await awaitResources(usual, { clusterId: `${cluster.id}0`, ...now }, isNothing);
    await rejects(Deno.lstat(dirname(here.rootDir)), Deno.errors.NotFound);

    // A runner ends, and its guardian tries again what it could not give back.
    strictEqual(await runner.end(), false);
    await awaitResources(usual, { clusterId: `${guarded}0`, ...now }, isNothing);

    const options = { run: currentRun().id };
    const { found } = await backend.sweep(options);
    const [failed, ...others] = found.filter(({ kind }) => kind === "member");
    deepStrictEqual([failed?.id, others.length], ["far", 0]);
    ok(typeof failed!.outcome === "object" && failed!.outcome.failed.includes(alone.host));

    await alone.startAgain();
    await awaitResources(other, { clusterId: `${guarded}1`, within: PATIENCE }, isNothing);
    const swept = (await backend.sweep(options)).found;
    ok(swept.some(({ outcome }) => outcome === "removed"));
    await awaitResources(other, { clusterId: `${cluster.id}1`, ...now }, isNothing);
  },
);
