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

Deno.test("bundleToRun() makes a bundle of one byte for each character, which says the same", async () => {
  await using agent = await standInAgent();
  const main =
    "const sign = /[…–]/u; console.log(sign.test('…'), `a – b`); /** `x` – … */ (() => {})();";
  await Deno.writeTextFile(join(agent.dir, "agent/main.ts"), `${PROGRAM}${main}`);
  await bundleToRun(agent.sources, agent.dir);
  const text = await Deno.readTextFile(join(agent.dir, "agent.cjs"));
  assert.match(text, /^[\0-\xff]*$/);
  assert.equal(await run(join(agent.dir, "agent.js")), "used\ndisposed\ndone\ntrue a – b\n");
});

const LOADS = `
import { sep } from "node:path";
import { EOL } from "node:os";
import * as fs from "node:fs";
const loaded: string[] = [];
const real = globalThis.process.getBuiltinModule;
globalThis.process.getBuiltinModule = ((name: string) => {
  loaded.push(name);
  return real(name);
}) as typeof real;
console.log(JSON.stringify(loaded), sep, EOL.length, typeof fs.readSync);
console.log(JSON.stringify(loaded));
const { EventEmitter } = await import("node:events");
console.log(new (class extends EventEmitter {})().listenerCount("x"));
`;

Deno.test("bundleToRun() makes a bundle that loads modules of Node when it uses them", async () => {
  await using agent = await standInAgent();
  const main = `async function main() {${LOADS.replace(/^import .*$/gm, "")}}\nmain();`;
  const imports = LOADS.match(/^import .*$/gm)!.join("\n");
  await Deno.writeTextFile(join(agent.dir, "agent/main.ts"), `${imports}\n${main}`);
  await bundleToRun(agent.sources, agent.dir);
  assert.equal(
    await run(join(agent.dir, "agent.js")),
    '[] / 1 function\n["node:path","node:os"]\n0\n',
  );
});
