import assert from "node:assert/strict";
import { join } from "node:path";
import { standInAgent } from "./_stand_in.ts";
import { bundleAgent, bundleToRun } from "./bundle_agent.ts";

const PROGRAM = `
class Resource {
  say(word: string): void { console.log(word); }
  [Symbol.dispose](): void { console.log("disposed"); }
}
function work(): void {
  using resource = new Resource();
  resource.say("used");
}
work();
console.log("done");
`;

/** What a stand-in's bundle prints. */
async function run(bundle: string): Promise<string> {
  const args = ["run", "--allow-read", "--no-config", bundle];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("bundleAgent() keeps the ends of resources that are used once", async () => {
  await using agent = await standInAgent();
  await Deno.writeTextFile(join(agent.dir, "agent/main.ts"), PROGRAM);
  const bundle = join(agent.dir, "agent.js");
  await bundleAgent(agent.sources, bundle);
  assert.equal(await run(bundle), "used\ndisposed\ndone\n");
});

Deno.test("bundleToRun() makes a strict bundle that does the same", async () => {
  await using agent = await standInAgent();
  const strict = `console.log((function () { return this; })());`;
  await Deno.writeTextFile(join(agent.dir, "agent/main.ts"), PROGRAM + strict);
  await bundleToRun(agent.sources, agent.dir);
  assert.equal(await run(join(agent.dir, "agent.js")), "used\ndisposed\ndone\nundefined\n");
});
