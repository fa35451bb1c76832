import assert from "node:assert/strict";

const CONFIG = new URL("../deno.json", import.meta.url);
const README = await read("README.md");

/** The page that a newcomer reads first, and those to which it leads. */
const PAGES: Readonly<Record<string, string>> = {
  "README.md": README,
  "ARCHITECTURE.md": await read("ARCHITECTURE.md"),
  "agent/PROTOCOL.md": await read("agent/PROTOCOL.md"),
  "clusters/local/README.md": await read("clusters/local/README.md"),
  "clusters/docker/README.md": await read("clusters/docker/README.md"),
  "clusters/ec2/README.md": await read("clusters/ec2/README.md"),
  "clusters/kubernetes/README.md": await read("clusters/kubernetes/README.md"),
  "clusters/record/README.md": await read("clusters/record/README.md"),
  "tasks/bench/README.md": await read("tasks/bench/README.md"),
};

/** Lines that are read in five minutes. */
const MAX_README_LINES = 200;

/** Lines that the first screen has for code. */
const MAX_LINES = 15;

Deno.test("the first code block of the README is a test, which `deno task test` runs", async () => {
  const [, fence, code = ""] = /^```(.*)\n([^]*?)^```/m.exec(README) ?? [];
  // What has no other word behind it is run by --doc; a test in it is a test.
  assert.equal(fence, "ts");
  assert.match(code, /^Deno\.test\(/m);
  assert.ok(code.split("\n").length - 1 <= MAX_LINES);
  const { tasks } = JSON.parse(await Deno.readTextFile(CONFIG));
  assert.match(tasks.test, /^deno test .*--doc/);
});

Deno.test("the README is read in five minutes", () => {
  assert.ok(README.split("\n").length <= MAX_README_LINES);
});

for (const [page, text] of Object.entries(PAGES)) {
  Deno.test(`${page} names no task that does not exist`, async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile(CONFIG));
    const named = [...text.matchAll(/\bdeno(?:@[\d.]+)? task ([\w:]+)/g)].map(([, name]) => name!);
    assert.deepEqual(named.filter((name) => !(name in tasks)), []);
  });

  Deno.test(`${page} links to nothing that does not exist`, async () => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target!);
    for (const link of links.filter((link) => !link.startsWith("https:"))) {
      await Deno.stat(new URL(link, new URL(page, CONFIG)));
    }
  });
}

async function read(page: string): Promise<string> {
  return await Deno.readTextFile(new URL(page, CONFIG));
}
