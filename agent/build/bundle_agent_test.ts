import assert from "node:assert/strict";
import { join } from "node:path";
import { standInAgent } from "./_stand_in.ts";
import { bundleAgent } from "./bundle_agent.ts";

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

Deno.test("bundleAgent() keeps the ends of resources that are used once", async () => {
  await using agent = await standInAgent();
  await Deno.writeTextFile(join(agent.dir, "agent/main.ts"), PROGRAM);
  const bundle = join(agent.dir, "agent.js");
  await bundleAgent(agent.sources, bundle);
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["run", bundle] }).output();
  assert.equal(new TextDecoder().decode(stdout), "used\ndisposed\ndone\n");
});
