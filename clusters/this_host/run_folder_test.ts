import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { makeDeepFolder } from "../conformance/deep_folder.ts";
import type { ClusterContext } from "../kit/backend.ts";
import { currentProcess } from "../ownership/process_identity.ts";
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
