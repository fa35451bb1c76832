import assert from "node:assert/strict";

const README = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const CONFIG = new URL("../deno.json", import.meta.url);

/** Lines that the first screen has for code. */
const MAX_LINES = 15;

Deno.test("the first code block of the README is a test, which `deno task test` runs", async () => {
  const [, fence, code = ""] = /^```(.*)\n([^]*?)^```/m.exec(README) ?? [];
  // What has no other word behind it is run by --doc; a test in it is a test.
  assert.equal(fence, "ts");
  assert.match(code, /^Deno\.test\("/m);
  assert.ok(code.split("\n").length - 1 <= MAX_LINES);
  const { tasks } = JSON.parse(await Deno.readTextFile(CONFIG));
  assert.match(tasks.test, /^deno test .*--doc/);
});

Deno.test("the README names no task that does not exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(CONFIG));
  const named = [...README.matchAll(/\bdeno(?:@[\d.]+)? task ([\w:]+)/g)].map(([, name]) => name!);
  assert.ok(named.length > 0);
  assert.deepEqual(named.filter((name) => !(name in tasks)), []);
});

Deno.test("the README links to nothing that does not exist", async () => {
  const links = [...README.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target!);
  for (const link of links.filter((link) => !link.startsWith("https:"))) {
    await Deno.stat(new URL(link, CONFIG));
  }
});
