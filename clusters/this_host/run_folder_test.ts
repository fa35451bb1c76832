import assert from "node:assert/strict";
import { dirname } from "node:path";
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

function contextOf(run: ClusterContext["run"], cluster: number): ClusterContext {
  return {
    clusterId: `cluster${cluster}`,
    run,
    heartbeat: { interval: 5_000, timeout: 60_000 },
    emit: () => {},
    signal: new AbortController().signal,
  };
}
