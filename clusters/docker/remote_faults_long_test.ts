/**
 * Faults of the network on engines that are reached as those of other machines are: what makes them is
 * reached through the agents of the nodes.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { delay } from "../../agent/delay.ts";
import { testConformance } from "../conformance/mod.ts";
import { Cluster } from "../cluster/cluster.ts";
import type { Backend } from "../kit/mod.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { docker } from "./backend.ts";
import type { DockerNodeOptions } from "./docker_options.ts";
import { awaitResources } from "./testing/await_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { PATIENCE, pingable } from "./testing/ping.ts";
import { makeCertificates } from "./testing/private_engine.ts";
import { TcpRelay } from "./testing/tcp_relay.ts";

const ignore = !await haveEngine();
const image = testImages.busybox;

/** Milliseconds in which what is left of a run has to be gone, on a machine that is busy. */
const SECONDS = 60_000;

/** Milliseconds without a heartbeat after which agents end themselves. */
const LEASE = 8_000;

const certificates = ignore ? "" : await Deno.makeTempDir();

if (!ignore) {
  await makeCertificates(certificates);
  Deno.test.afterAll(() => Deno.remove(certificates, { recursive: true }));
}

/** The engine of the tests, as one that is behind TLS. Its guardian and its sweeps need no detour. */
const backend: Backend<DockerNodeOptions> = {
  name: "docker",
  abilities: docker().abilities,
  nodeOptions: docker().nodeOptions!,
  recipe: docker().recipe,
  sweep: (options) => docker().sweep(options),
  async open(context) {
    const relay = await TcpRelay.open({ certificates });
    const behindTls = docker({ host: relay.host, certPath: certificates, image });
    const provider = await behindTls.open(context);
    return {
      create: (...args) => provider.create(...args),
      async [Symbol.asyncDispose]() {
        await provider[Symbol.asyncDispose]();
        await relay[Symbol.asyncDispose]();
      },
    };
  },
};

testConformance(backend, {
  name: "docker behind TLS",
  groups: ["faults", "faulty nodes"],
  deviations: {
    "faults are made and healed while one of their nodes is paused":
      "what makes them is reached through the node",
  },
  ignore,
});

Deno.test({
  name: "nothing is left of a fault on an engine elsewhere when runner and guardian are killed",
  ignore,
  async fn() {
    await using relay = await TcpRelay.open();
    await using engine = await openEngine();
    const plan = { backend: { docker: { host: relay.host, image } }, nodes: 2, lease: 8_000 };
    await using runner = new RunnerProcess({ ...plan, isolated: true });
    const state = { clusterId: await runner.cluster(), within: SECONDS };
    await runner.outputs();
    const roles = (kind: string) => (all: readonly Resource[]) =>
      all.flatMap((each) => each.kind === kind ? [each.labels.role] : []).sort();
    const all = await awaitResources(engine, state, () => true);
    deepStrictEqual(roles("container")(all), ["node", "node", "sidecar", "sidecar"]);
    await runner.killWithGuardian();
    await awaitResources(engine, state, (all) => roles("container")(all).length === 0);
    await docker({ image }).sweep({ run: all[0]!.labels.run });
  },
});

Deno.test({
  name: "faults of a node on an engine elsewhere outlast a pause that is longer than leases",
  ignore,
  async fn() {
    await using relay = await TcpRelay.open();
    const backend = docker({ host: relay.host, image });
    await using cluster = await Cluster.create(backend, {
      heartbeat: { interval: LEASE / 8, timeout: LEASE },
    });
    const ended: string[] = [];
    using _subscription = cluster.events.subscribe((event) => {
      if (event.type === "fault-healed") ended.push(event.error ?? "healed");
    });
    const [node, peer] = await cluster.addNodes(2);
    const cut = await cluster.faults.block({ from: peer, to: node });
    const slow = await cluster.faults.shape({ from: peer, to: node }, { latency: 20 });
    await node.pause();
    await delay(1.5 * LEASE);
    await node.resume();
    strictEqual(await pingable(peer, node.address), false);
    deepStrictEqual(ended, []);
    await cut.heal();
    strictEqual(await pingable(peer, node.address, PATIENCE), true);
    await slow.heal();
    deepStrictEqual(ended, ["healed", "healed"]);
    await cluster.faults.block({ from: peer, to: node });
    await node.pause();
  },
});

type Resource = Awaited<ReturnType<typeof awaitResources>>[number];

Deno.test({
  name:
    "a node on an engine elsewhere whose agent is killed is lost, and what made its faults goes",
  ignore,
  async fn() {
    await using relay = await TcpRelay.open();
    await using engine = await openEngine();
    await using cluster = await Cluster.create(docker({ host: relay.host, image }));
    const [victim, peer] = await cluster.addNodes(2);
    const cut = await cluster.faults.isolate(victim);
    const state = { clusterId: cluster.id, within: SECONDS };
    const killed = peer.run("true");
    await engine.call({
      what: "kill",
      method: "POST",
      path: `/containers/${victim.id}/kill`,
      query: { signal: "SIGKILL" },
    });
    await killed;
    await awaitResources(
      engine,
      state,
      (all) => all.filter(({ kind }) => kind === "container").length === 2,
    );
    strictEqual(victim.signal.aborted, true);
    await cut.heal();
  },
});
