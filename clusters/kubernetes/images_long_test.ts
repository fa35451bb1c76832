/**
 * Images of all kinds, and users that may do little, on a real cluster.
 *
 * @module
 */
import { match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesOptions } from "./kubernetes_options.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { restricted } from "./testing/restricted.ts";
import { TestNamespace } from "./testing/namespace.ts";

const ignore = !await haveCluster();

const cases: readonly { name: string; options: KubernetesOptions; hasPrograms: boolean }[] = [
  { name: "musl", options: { image: testImages.musl }, hasPrograms: true },
  { name: "BusyBox", options: { image: testImages.busybox }, hasPrograms: true },
  { name: "no programs at all", options: { image: testImages.hollow }, hasPrograms: false },
  {
    name: "no root, and no files to write",
    options: { image: testImages.glibc, ...restricted },
    hasPrograms: true,
  },
  {
    name: "neither root nor programs",
    options: { image: testImages.hollow, ...restricted },
    hasPrograms: false,
  },
];

for (const { name, options, hasPrograms } of cases) {
  Deno.test({
    name: `nodes do what nodes do on an image with ${name}`,
    ignore,
    fn: async () => {
      await using namespace = await TestNamespace.make();
      const backend = kubernetes({
        ...options,
        namespace: namespace.name,
        requests: { cpus: 0.1 },
      });
      await using cluster = await Cluster.create(backend, { progress: false });
      const [one, two] = await cluster.addNodes(2);
      await one.writeTextFile("file", "content");
      strictEqual(await one.readTextFile("file"), "content");
      const hosts = await one.readTextFile("/etc/hosts");
      for (const node of [one, two]) ok(hosts.includes(`${node.address}\t${node.name}\n`), hosts);
      await using listener = await two.listen({ transport: "tcp", port: 0 });
      const accepting = listener.accept();
      await using connection = await one.connect({
        hostname: "node2",
        port: (listener.addr as Deno.NetAddr).port,
      });
      await using _accepted = await accepting;
      ok(connection);
      await one.kill();
      await one.start();
      strictEqual(await one.readTextFile("file"), "content");
      if (!hasPrograms) return await rejects(one.run("true"), Deno.errors.NotFound);
      const { stdout } = await one.run("id");
      match(stdout, options.user === undefined ? /^uid=0/ : /^uid=1000.* gid=1000/);
      const touched = await two.run("touch", ["/file"]).then(() => true, () => false);
      strictEqual(touched, !options.readOnlyRoot);
    },
  });
}
