/**
 * What a cluster's DNS is told of nodes, on a real cluster; whether it answers is not asked.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { eventually } from "../../mod.ts";
import { Cluster } from "../cluster/cluster.ts";
import type { KubeObject } from "./api/mod.ts";
import { kubernetes } from "./backend.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";

const ignore = !await haveCluster();
const { signal } = new AbortController();

/** Addresses of a service, and the names by which DNS has them. */
interface Endpoints {
  readonly subsets?: readonly {
    readonly addresses?: readonly { readonly ip: string; readonly hostname?: string }[];
  }[];
}

Deno.test({
  name: "DNS is told the name and the address of each node, until the cluster is gone",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const { api } = namespace;
    const services = async () => (await api.list<KubeObject>("services", { signal })).items;
    const requests = { cpus: 0.1 };
    const backend = kubernetes({
      image: testImages.busybox,
      namespace: namespace.name,
      requests,
      // A container of somebody else's, which has no hosts file of ours.
      customize: ({ spec }) => {
        const beside = {
          name: "beside",
          image: testImages.busybox,
          imagePullPolicy: "IfNotPresent",
        };
        (spec.containers as unknown[]).push({ ...beside, command: ["sleep", "600"] });
      },
    });
    await using cluster = await Cluster.create(backend, { progress: false });
    const nodes = await cluster.addNodes(2);
    const [service, ...others] = await services();
    deepStrictEqual(others, []);
    const { name } = service!.metadata;
    await eventually(async () => {
      const { subsets = [] } = await api.get<Endpoints>("endpoints", name, { signal }) ?? {};
      const known = subsets.flatMap(({ addresses = [] }) => addresses)
        .map(({ ip, hostname }) => `${hostname} ${ip}`);
      deepStrictEqual(known.sort(), nodes.map(({ name, address }) => `${name} ${address}`));
    });
    const { stdout } = await nodes[0]!.run("hostname");
    strictEqual(stdout, "node1\n");
    const command = ["cat", "/etc/resolv.conf"];
    const beside = { pod: nodes[0]!.id, container: "beside", command, signal };
    // A machine starts the containers of a pod one after the other, that of the node first.
    const { stdout: resolv } = await eventually(() => api.exec(beside));
    ok(resolv.includes(`${name}.${namespace.name}.svc.cluster.local`), resolv);
    await cluster[Symbol.asyncDispose]();
    deepStrictEqual(await services(), []);
  },
});
