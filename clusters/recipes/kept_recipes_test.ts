import assert from "node:assert/strict";
import { join } from "node:path";
import { docker } from "../docker/mod.ts";
import { ec2 } from "../ec2/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import type { BackendRecipe } from "../kit/mod.ts";
import { forgetRecipe, keepRecipe, readRecipes } from "./kept_recipes.ts";

const RUN = "20260101000000r01234567";
const DAY = 24 * 60 * 60 * 1000;

/** What another project's backend would give. */
const OWN: BackendRecipe = { module: "file:///project/own.ts", options: { host: "a" } };
const KEPT = { run: RUN, backend: OWN.module, options: OWN.options };

/** Gives a folder that is not there yet, and removes it. */
function test(name: string, fn: (dir: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    async fn() {
      const parent = await Deno.makeTempDir({ prefix: "clustertest-recipes-" });
      await fn(join(parent, "state/clustertest"));
      await Deno.remove(parent, { recursive: true });
    },
  });
}

async function filesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => join(dir, name));
}

test("keepRecipe() keeps for this user alone what readRecipes() reads, until it is forgotten", async (dir) => {
  assert.deepEqual(await readRecipes(dir), { recipes: [], complaints: [] });
  await keepRecipe(RUN, OWN, dir);
  const [file, ...others] = await filesIn(dir);
  assert.deepEqual(others, []);
  assert.equal((await Deno.stat(dir)).mode! & 0o777, 0o700);
  assert.equal((await Deno.stat(file!)).mode! & 0o777, 0o600);
  assert.deepEqual(await readRecipes(dir), { recipes: [KEPT], complaints: [] });
  forgetRecipe(RUN, OWN, dir);
  forgetRecipe(RUN, OWN, dir);
  assert.deepEqual(await filesIn(dir), []);
});

test("keepRecipe() keeps backends of this package by name, and what the environment does not say", async (dir) => {
  const host = "unix:///some.sock";
  for (const backend of [local(), loopback(), docker({ host }), ec2({ profile: "some" })]) {
    await keepRecipe(RUN, backend.recipe, dir);
  }
  const { recipes } = await readRecipes(dir);
  const named = recipes.map(({ backend, options }) => {
    const { host, profile } = options as Record<string, string>;
    return [backend, host ?? profile];
  });
  assert.deepEqual(named.sort(), [["docker", host], ["ec2", "some"]]);
});

test("keepRecipe() keeps what runs use at the same time", async (dir) => {
  const runs = Array.from({ length: 20 }, (_, i) => `run${i % 10}`);
  await Promise.all(runs.map((run) => keepRecipe(run, OWN, dir)));
  const { recipes, complaints } = await readRecipes(dir);
  assert.deepEqual(recipes.map(({ run }) => run), [...new Set(runs)].sort());
  assert.deepEqual(complaints, []);
  assert.equal((await filesIn(dir)).length, 10);
});

test("readRecipes() removes what is older than a week, and nothing that is not its own", async (dir) => {
  await keepRecipe(RUN, OWN, dir);
  const [file] = await filesIn(dir);
  const note = join(dir, "note.txt");
  const draft = join(dir, "some.draft");
  for (const path of [note, draft]) await Deno.writeTextFile(path, "");
  const old = new Date(Date.now() - 8 * DAY);
  for (const path of [file!, note, draft]) await Deno.utime(path, old, old);
  assert.deepEqual(await readRecipes(dir), { recipes: [], complaints: [] });
  assert.deepEqual(await filesIn(dir), [note]);
});

const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

/** What somebody may have done to a file, and what is said of it. */
const hostile: Record<string, { change(file: string): Promise<void>; reason: RegExp }> = {
  "a link": {
    async change(file) {
      await Deno.rename(file, `${file}.elsewhere`);
      await Deno.symlink(`${file}.elsewhere`, file);
    },
    reason: /it is a symbolic link$/,
  },
  "a file that all may write": {
    change: (file) => Deno.chmod(file, 0o602),
    reason: /others have access to it \(mode 602\)$/,
  },
  "a folder": {
    async change(file) {
      await Deno.remove(file);
      await Deno.mkdir(file);
    },
    reason: /it is no file$/,
  },
  "no JSON": { change: (file) => Deno.writeTextFile(file, "{"), reason: /JSON/ },
  "no object": {
    change: (file) => Deno.writeTextFile(file, "null"),
    reason: /it does not name a backend$/,
  },
  "too much": {
    change: (file) => Deno.writeTextFile(file, " ".repeat(100_000)),
    reason: /it is above 65536 bytes$/,
  },
  ...isRoot && {
    "somebody else's file": {
      change: (file: string) => Deno.chown(file, 65534, null),
      reason: /it belongs to user 65534$/,
    },
  },
};

for (const [what, { change, reason }] of Object.entries(hostile)) {
  test(`readRecipes() does not read ${what}, says so in one line, and reads the others`, async (dir) => {
    await keepRecipe("hostile", OWN, dir);
    await change((await filesIn(dir))[0]!);
    await keepRecipe(RUN, OWN, dir);
    const { recipes, complaints } = await readRecipes(dir);
    assert.deepEqual(recipes, [KEPT]);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0]!, /^Not read: .*\/recipe-hostile-\w+\.json: /);
    assert.match(complaints[0]!, reason);
  });
}

test("a folder that others can see into, or a link to one, is neither written nor read", async (dir) => {
  await keepRecipe(RUN, OWN, dir);
  await Deno.chmod(dir, 0o755);
  await assert.rejects(keepRecipe(RUN, OWN, dir), /is not used: others have access/);
  const { recipes, complaints } = await readRecipes(dir);
  assert.deepEqual(recipes, []);
  assert.match(complaints.join(), /^Not read: .*: others have access to it \(mode 755\)$/);
  await Deno.chmod(dir, 0o700);
  const link = `${dir}-link`;
  await Deno.symlink(dir, link);
  await assert.rejects(keepRecipe(RUN, OWN, link), /is not used: it is a symbolic link/);
  assert.match((await readRecipes(link)).complaints.join(), /it is a symbolic link$/);
});
