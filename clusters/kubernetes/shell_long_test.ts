/**
 * Shells on nodes that are pods: in whatever image, as whatever user, whichever way they are reached.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import { ShellError } from "../shell/mod.ts";
import { shellOn, TERMINAL_SHOWN } from "../shell/testing/shell_on.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesNodeOptions, KubernetesOptions } from "./kubernetes_options.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";

const ignore = !await haveCluster();

const KINDS: Readonly<Record<string, KubernetesNodeOptions>> = {
  plain: { image: testImages.glibc },
  musl: { image: testImages.musl },
  closed: { image: testImages.busybox, user: "1234:1234", readOnlyRoot: true },
  hollow: { image: testImages.hollow },
};

async function open(namespace: TestNamespace, options: KubernetesOptions) {
  const requests = { cpus: 0.05 };
  const backend = kubernetes({ namespace: namespace.name, requests, ...options });
  return await Cluster.create(backend, { progress: false });
}

Deno.test({
  name: "a shell on a pod is a terminal of its size, and says where there is none",
  ignore,
  async fn(t) {
    await using namespace = await TestNamespace.make();
    await using cluster = await open(namespace, {});
    await Promise.all(
      Object.entries(KINDS).map(([name, options]) => cluster.addNode({ name, ...options })),
    );
    for (const node of ["plain", "closed"]) {
      await t.step(node, async () => {
        const { code, message, shown } = await shellOn(cluster, { node });
        deepStrictEqual([code, message], [3, undefined]);
        match(shown, TERMINAL_SHOWN);
      });
    }
    await t.step("musl", async () => {
      const { code, shown } = await shellOn(cluster, { node: "musl" });
      strictEqual(code, 3);
      match(shown, /\nterminal\r\n/);
    });
    await t.step("an image without a shell", async () => {
      await rejects(shellOn(cluster, { node: "hollow" }), (error: Error) => {
        strictEqual(error.constructor, ShellError);
        match(error.message, /^Cannot open a shell: there is neither bash nor sh; name a /);
        return true;
      });
    });
  },
});

Deno.test({
  name: "a shell on a pod that is reached by forwards works as well, and ends with it",
  ignore,
  async fn() {
    await using namespace = await TestNamespace.make();
    await using cluster = await open(namespace, { image: testImages.glibc, reachedBy: "forward" });
    const node = await cluster.addNode({ name: "box" });
    const command = ["sh", "-c", "stty size; exit 4"];
    const { code, shown } = await shellOn(cluster, { node: "box", command });
    strictEqual(code, 4);
    match(shown, /33 77/);
    const ended = shellOn(cluster, { node: "box", command: ["sh", "-c", "sleep 1000"] });
    const started = "until grep -qz '^1000' /proc/[0-9]*/cmdline; do sleep 0.01; done";
    await node.run("sh", ["-c", started]);
    await node.destroy();
    deepStrictEqual((await ended).message, "box was destroyed");
  },
});
