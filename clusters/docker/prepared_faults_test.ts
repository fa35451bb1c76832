/**
 * What is launched beside nodes whose test needs faults of the network.
 *
 * @module
 */
import { deepStrictEqual, rejects } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { docker } from "./backend.ts";
import { listResources } from "./list_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { TcpRelay } from "./testing/tcp_relay.ts";

const ignore = !await haveEngine();

/** What the containers of a cluster are for. */
async function rolesOf({ id: clusterId }: Cluster): Promise<string[]> {
  await using engine = await openEngine();
  const found = await listResources(engine, { clusterId });
  return found.filter(({ kind }) => kind === "container").map(({ labels }) => labels.role).sort();
}

Deno.test({
  name: "what faults take is beside the nodes of a test that needs them, and of no other",
  ignore,
  async fn() {
    const backend = docker({ image: testImages.busybox });
    await using plain = await Cluster.create(backend, { needs: ["kill", "cpu"] });
    await plain.addNode();
    deepStrictEqual(await rolesOf(plain), ["node"]);
    await using cluster = await Cluster.create(backend, { needs: ["partition"] });
    // Faults of the second are refused: it has no network of its own.
    const [a, , b] = await cluster.addNodes([{}, { network: "host" }, {}]);
    const expected = ["node", "node", "node", "sidecar", "sidecar"];
    deepStrictEqual(await rolesOf(cluster), expected);
    await using _cut = await cluster.faults.partition([a, b]);
    deepStrictEqual(await rolesOf(cluster), expected);
    await a.destroy();
    deepStrictEqual(await rolesOf(cluster), ["node", "node", "sidecar"]);
  },
});

Deno.test({
  name: "nodes are not added when what faults take cannot be launched beside them",
  ignore,
  async fn() {
    // Of the same length, so that the head of the request stays true.
    const change = (asked: string) => asked.replace('"container:', '"containex:');
    await using relay = await TcpRelay.open({ change });
    const backend = docker({ host: relay.host, image: testImages.busybox });
    await using cluster = await Cluster.create(backend, { needs: ["partition"] });
    await rejects(cluster.addNodes(2), /Cannot launch a sidecar of node "node\d": .*containex/);
    deepStrictEqual(cluster.nodes, []);
    deepStrictEqual(await rolesOf(cluster), []);
  },
});

Deno.test({
  name: "adding nodes that is given up while sidecars are launched leaves nothing",
  ignore,
  async fn() {
    const enough = new AbortController();
    const change = (asked: string) => {
      if (/create\?name=clustertest-\w+-node1\./.test(asked)) enough.abort(new Error("enough"));
      return asked;
    };
    await using relay = await TcpRelay.open({ change });
    const backend = docker({ host: relay.host, image: testImages.busybox });
    await using cluster = await Cluster.create(backend, { needs: ["shape"] });
    await rejects(cluster.addNodes(2, { signal: enough.signal }), /^Error: enough/);
    deepStrictEqual(cluster.nodes, []);
    deepStrictEqual(await rolesOf(cluster), []);
  },
});
