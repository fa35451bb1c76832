import assert from "node:assert/strict";
import { join } from "node:path";
import { standInAgent } from "./_stand_in.ts";
import { hashSources } from "./agent_sources.ts";

Deno.test("hashSources() is the same when the same sources are elsewhere", async () => {
  await using one = await standInAgent();
  await using other = await standInAgent();
  assert.equal(await hashSources(one.sources), await hashSources(other.sources));
});

Deno.test("hashSources() differs when an imported module differs", async () => {
  await using agent = await standInAgent();
  const before = await hashSources(agent.sources);
  await Deno.writeTextFile(join(agent.dir, "agent/greeting.ts"), `export const greeting = "other"`);
  assert.notEqual(await hashSources(agent.sources), before);
});

Deno.test("hashSources() does not look at modules that the agent does not import", async () => {
  await using agent = await standInAgent();
  const before = await hashSources(agent.sources);
  await Deno.writeTextFile(join(agent.dir, "agent/stranger.ts"), "export {};");
  assert.equal(await hashSources(agent.sources), before);
});

Deno.test("hashSources() names the module when one is missing", async () => {
  await using agent = await standInAgent();
  await Deno.remove(join(agent.dir, "agent/greeting.ts"));
  await assert.rejects(
    hashSources(agent.sources),
    /Cannot read the agent's sources: .*greeting\.ts/,
  );
});
