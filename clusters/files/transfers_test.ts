import { deepStrictEqual } from "node:assert/strict";
import { join } from "node:path";
import { Cluster } from "../../mod.ts";
import { local } from "../local/mod.ts";
import { makeLocalPipe } from "../conformance/local_pipe.ts";

/** As often as shows an end that is closed a moment too late. */
const TIMES = 40;

Deno.test("a transfer that is given up has closed its end of a pipe by then", async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const pipe = join(dir, "pipe");
  await makeLocalPipe(pipe);
  const cluster = stack.use(await Cluster.create(local(), { progress: false }));
  const node = await cluster.addNode();
  await node.writeTextFile("file", "content");
  const ends: string[] = [];
  for (let i = 0; i < TIMES; i++) {
    for (const move of ["upload", "download"] as const) {
      const options = { signal: AbortSignal.timeout(5) };
      const moving = move === "upload"
        ? node.upload(pipe, "new", options)
        : node.download("file", pipe, options);
      // An end that somebody else holds open would let it go on.
      ends.push(await moving.then(() => `${move} went on`, (error) => error.name));
    }
  }
  deepStrictEqual(new Set(ends), new Set(["TimeoutError"]));
});
