import assert from "node:assert/strict";
import type { Host } from "../host/host.ts";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { MAX_BACKLOG, MAX_CHANNELS } from "../wire/protocol.ts";

Deno.test("an agent's host does more calls at once than there may be channels", async () => {
  await using enrolled = await startEnrolled();
  await using host = await openHost(enrolled);
  const names = Array.from({ length: 2.5 * MAX_CHANNELS }, (_, index) => `file${index}`);
  await Promise.all(names.map((name) => write(host, name)));
  const entries = await host.files.call("list", { path: "." });
  assert.deepEqual(entries.map(({ name }) => name).sort(), names.sort());
});

Deno.test("an agent's host does large calls at once that the connection cannot take at once", async () => {
  await using enrolled = await startEnrolled();
  await using host = await openHost(enrolled);
  const size = 100_000;
  const lengths = await Promise.all(
    Array.from({ length: 1.25 * MAX_BACKLOG / size }, () => lengthOf(host, "x".repeat(size))),
  );
  assert.deepEqual(new Set(lengths), new Set([`${size}\n`]));
});

Deno.test("a call that waits for others ends at once when it is aborted, and is never done", async () => {
  await using enrolled = await startEnrolled();
  await using host = await openHost(enrolled);
  const before = Array.from({ length: MAX_CHANNELS }, () => host.network.hostname());
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = host.files.call("mkdir", { path: "made", recursive: false }, { signal });
  const reason = new Error("Enough");
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await Promise.all(before);
  await assert.rejects(host.files.call("stat", { path: "made" }), Deno.errors.NotFound);
});

async function write(host: Host, name: string): Promise<void> {
  const writer = (await host.files.write(name)).getWriter();
  await writer.write(new TextEncoder().encode(name));
  await writer.close();
}

/** How long a node's shell finds its argument. */
async function lengthOf(host: Host, text: string): Promise<string> {
  await using child = await host.processes.start({
    command: "sh",
    args: ["-c", "echo ${#0}", text],
    stdout: "piped",
  });
  return await new Response(child.stdout).text();
}
