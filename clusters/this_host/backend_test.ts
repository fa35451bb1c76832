import { deepStrictEqual, rejects } from "node:assert/strict";
import { dirname } from "node:path";
import type { ClusterContext } from "../kit/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { ThisHostBackend } from "./backend.ts";
import { clusterFolder } from "../run_folder/run_folder.ts";

Deno.test("a backend that cannot make its folder leaves nothing of what it has prepared", async () => {
  const context: ClusterContext = {
    clusterId: "1a2b3c",
    needs: [],
    run: { id: `test-${crypto.randomUUID()}`, owner: currentProcess() },
    heartbeat: { interval: 5_000, timeout: 60_000 },
    emit: () => {},
    signal: new AbortController().signal,
  };
  const done: string[] = [];
  const backend = new ThisHostBackend({
    name: "tested",
    options: {},
    module: import.meta.url,
    prepare: () =>
      Promise.resolve({
        open: () => Promise.reject(new Error("It makes no nodes")),
        [Symbol.asyncDispose]: () => Promise.resolve(void done.push("disposed")),
      }),
  });
  const run = dirname(clusterFolder(context));
  await Deno.mkdir(run, { recursive: true });
  await Deno.writeTextFile(clusterFolder(context), "a file is in the way");
  await rejects(backend.open(context), Deno.errors.PermissionDenied);
  deepStrictEqual(done, ["disposed"]);
  deepStrictEqual([...Deno.readDirSync(run)].map(({ name }) => name), ["1a2b3c"]);
  await Deno.remove(run, { recursive: true });
});
