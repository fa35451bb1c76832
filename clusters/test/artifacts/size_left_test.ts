import { strictEqual } from "node:assert/strict";
import { sizeLeft } from "./size_left.ts";

const MiB = 1024 ** 2;

Deno.test("sizeLeft() leaves a test what artifacts of its run have not taken, without their holes", async () => {
  const run = await Deno.makeTempDir({ prefix: "clustertest-artifacts-" });
  const write = async (path: string, size: number, hole = 0) => {
    await Deno.mkdir(`${run}/${path}`, { recursive: true });
    await Deno.writeFile(`${run}/${path}/file`, new Uint8Array(size).fill(1));
    await Deno.truncate(`${run}/${path}/file`, size + hole);
  };
  try {
    await write("store-1/output/node1", 4 * MiB);
    strictEqual(sizeLeft(run, 255 * MiB), 255 * MiB);
    await write("store-1/artifacts/node1/data", 2 * MiB, 1024 * MiB);
    await write("store-2/artifacts-2/node1", 3 * MiB);
    strictEqual(sizeLeft(run, 250 * MiB), 250 * MiB);
    strictEqual(sizeLeft(run, 256 * MiB), 251 * MiB);
    // One that wants more than a run has by default may have it, once.
    strictEqual(sizeLeft(run, 300 * MiB), 295 * MiB);
    strictEqual(sizeLeft(run, 1), 1);
  } finally {
    await Deno.remove(run, { recursive: true });
  }
  strictEqual(sizeLeft(run, 7), 7);
});
