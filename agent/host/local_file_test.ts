import assert from "node:assert/strict";
import { join } from "node:path";
import { runTool } from "../build/run_tool.ts";
import { LocalHost } from "./local_host.ts";
import { settledWithin } from "../settled_within.ts";

/** Milliseconds within which a host is disposed, whatever its calls do. */
const BOUND = 10_000;

Deno.test({
  name: "disposing of a host closes a file whose read never ends",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const rootDir = await Deno.makeTempDir();
    const pipe = join(rootDir, "pipe");
    await runTool(["mkfifo", pipe]);
    const host = await LocalHost.open({ rootDir });
    const file = await host.files.open("pipe", { read: true, write: true });
    const ended = file.read(10).then(() => "read", (error: Error) => error.name);
    let isDisposed = false;
    const disposal = host[Symbol.asyncDispose]().then(() => void (isDisposed = true));
    await settledWithin(BOUND, disposal);
    const wasDisposed = isDisposed;
    // Lets the operating system's call end as well.
    await Deno.writeTextFile(pipe, "end");
    await disposal;
    assert.ok(wasDisposed, `it was not disposed within ${BOUND} ms`);
    assert.equal(await ended, "Interrupted");
    await assert.rejects(file.read(10), Deno.errors.BadResource);
    await Deno.remove(rootDir, { recursive: true });
  },
});

Deno.test("disposing of a file waits for the calls before, once", async () => {
  const rootDir = await Deno.makeTempDir();
  await using host = await LocalHost.open({ rootDir });
  const file = await host.files.open("file", { write: true, create: true });
  const written = file.write(new Uint8Array(1_000_000));
  await Promise.all([file[Symbol.asyncDispose](), file[Symbol.asyncDispose]()]);
  await written;
  assert.equal((await Deno.stat(join(rootDir, "file"))).size, 1_000_000);
  await Deno.remove(rootDir, { recursive: true });
});
