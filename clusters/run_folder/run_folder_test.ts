import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { makeDeepFolder } from "../conformance/deep_folder.ts";
import type { ClusterContext } from "../kit/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { withVariables } from "../testing/thread_variables.ts";
import { findRunFolders, makeClusterFolder, removeClusterFolder } from "./run_folder.ts";

/** How often clusters come and go at the same time. */
const ROUNDS = 200;

Deno.test("a run's folder has an owner while it has clusters, whichever come and go", async () => {
  const run = { id: `test-${crypto.randomUUID()}`, owner: currentProcess() };
  let last = await makeClusterFolder(contextOf(run, 0));
  for (let round = 1; round <= ROUNDS; round++) {
    const [next] = await Promise.all([
      makeClusterFolder(contextOf(run, round)),
      removeClusterFolder(last),
    ]);
    const folder = (await findRunFolders()).find(({ path }) => path === dirname(next));
    assert.deepEqual(folder?.run, run, `round ${round}`);
    last = next;
  }
  await removeClusterFolder(last);
  await assert.rejects(Deno.lstat(dirname(last)), Deno.errors.NotFound);
});

Deno.test("a cluster's folder is removed, however deep a tree is in it", async () => {
  const run = { id: `test-${crypto.randomUUID()}`, owner: currentProcess() };
  const folder = await makeClusterFolder(contextOf(run, 0));
  await makeDeepFolder(join(folder, "node"), 12_000);
  await removeClusterFolder(folder);
  await assert.rejects(Deno.lstat(dirname(folder)), Deno.errors.NotFound);
});

Deno.test("CLUSTERTEST_NODES names the place of folders, and an error of one that cannot be used", async () => {
  const place = await Deno.makeTempDir();
  const run = { id: `test-${crypto.randomUUID()}`, owner: currentProcess() };
  try {
    {
      using _place = withVariables({ CLUSTERTEST_NODES: place });
      const folder = await makeClusterFolder(contextOf(run, 0));
      assert.ok(folder.startsWith(`${place}/clustertest-`), folder);
      const found = await findRunFolders();
      assert.deepEqual(found.find(({ path }) => path === dirname(folder))?.run, run);
      await removeClusterFolder(folder);
    }
    using _unusable = withVariables({ CLUSTERTEST_NODES: "/dev/null" });
    await assert.rejects(
      makeClusterFolder(contextOf(run, 0)),
      /Cannot make a folder .*: Not a directory.*\/dev\/null.*\. Set CLUSTERTEST_NODES to a folder/,
    );
    assert.deepEqual((await findRunFolders()).filter(({ path }) => path.includes(run.id)), []);
  } finally {
    await Deno.remove(place, { recursive: true });
  }
});

function contextOf(run: ClusterContext["run"], cluster: number): ClusterContext {
  return {
    clusterId: `cluster${cluster}`,
    needs: [],
    run,
    heartbeat: { interval: 5_000, timeout: 60_000 },
    emit: () => {},
    signal: new AbortController().signal,
  };
}
