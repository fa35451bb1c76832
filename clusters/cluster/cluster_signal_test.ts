import { ok, rejects, strictEqual } from "node:assert/strict";
import { local } from "../local/mod.ts";
import { Cluster, failCluster } from "./cluster.ts";

const OPTIONS = { progress: false } as const;

Deno.test("cluster.signal aborts when the cluster is disposed of, and says so", async () => {
  for (const end of ["stop", Symbol.asyncDispose] as const) {
    const cluster = await Cluster.create(local(), OPTIONS);
    const { signal } = cluster;
    strictEqual(signal.aborted, false);
    await cluster[end]();
    ok(signal.reason instanceof Deno.errors.BadResource);
    strictEqual(signal.reason.message, "The cluster was disposed");
  }
});

Deno.test("cluster.signal aborts before anything of the cluster is gone", async () => {
  const cluster = await Cluster.create(local(), OPTIONS);
  const node = await cluster.addNode();
  let wasThere: boolean | undefined;
  cluster.signal.addEventListener("abort", () => wasThere = !node.signal.aborted);
  await cluster[Symbol.asyncDispose]();
  strictEqual(wasThere, true);
});

Deno.test("cluster.signal has the reason of the cluster's own signal, unchanged", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  await using cluster = await Cluster.create(local(), { ...OPTIONS, signal });
  const reason = { enough: true };
  controller.abort(reason);
  strictEqual(cluster.signal.reason, reason);
});

Deno.test("failCluster() aborts cluster.signal with its reason, and leaves the nodes as they are", async () => {
  const reason = new Error("its time is over");
  await using cluster = await Cluster.create(local(), OPTIONS);
  const node = await cluster.addNode();
  failCluster(cluster, reason);
  failCluster(cluster, new Error("another one"));
  strictEqual(cluster.signal.reason, reason);
  strictEqual((await node.run("echo", ["there"])).stdout, "there\n");
  await cluster.addNode();
  await cluster[Symbol.asyncDispose]();
  strictEqual(cluster.signal.reason, reason);
  await rejects(cluster.addNode(), /The cluster was disposed/);
});
