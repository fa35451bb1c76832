import assert from "node:assert/strict";
import { join } from "node:path";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { MAX_BACKLOG } from "../wire/protocol.ts";

/** Bytes of each name: the most that a file system takes, so that fewer entries are enough. */
const NAME_LENGTH = 255;

/** Entries whose names alone are more than a session keeps for a peer. */
const COUNT = Math.ceil(1.1 * MAX_BACKLOG / NAME_LENGTH);

Deno.test("an agent's host lists a folder whose entries do not fit into what a session may keep", async () => {
  await using enrolled = await startEnrolled();
  await using host = await openHost(enrolled);
  const names = Array.from({ length: COUNT }, (_, i) => `${i}`.padEnd(NAME_LENGTH, "-"));
  for (const name of names) Deno.symlinkSync("nowhere", join(enrolled.agent.rootDir, name));
  const entries = await host.files.call("list", { path: "." });
  assert.equal(entries.length, COUNT);
  assert.deepEqual(new Set(entries.map(({ name }) => name)), new Set(names));
  assert.ok(entries.every(({ isSymlink }) => isSymlink));
});

Deno.test("an agent's host says why a folder cannot be listed", async () => {
  await using enrolled = await startEnrolled();
  await using host = await openHost(enrolled);
  await assert.rejects(host.files.call("list", { path: "none" }), Deno.errors.NotFound);
});
