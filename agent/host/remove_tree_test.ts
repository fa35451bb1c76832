import assert from "node:assert/strict";
import { join } from "node:path";
import { makeDeepFolder } from "../../clusters/conformance/deep_folder.ts";
import { swapFolder } from "../testing/swapped_folder.ts";
import { runUnprivileged } from "../testing/unprivileged.ts";
import { removeTree } from "./remove_tree.ts";

/** Levels of a tree with which the system's own way to remove one runs out of stack. */
const DEEP = 12_000;

/** How often a tree is removed while a folder in it is exchanged for a link. */
const ROUNDS = 40;

const IMPORT = `import { removeTree } from "${import.meta.resolve("./remove_tree.ts")}";`;

Deno.test("removeTree() removes a tree of any depth, with few descriptors", async () => {
  const path = await newFolder();
  await makeDeepFolder(join(path, "deep"), DEEP);
  const code = `${IMPORT} await removeTree(Deno.args[0]);`;
  const deno = [Deno.execPath(), "eval", "--no-config", code, join(path, "deep")];
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-c", 'ulimit -n 128 && exec "$@"', "sh", ...deno],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.deepEqual(namesIn(path), []);
  await removeTree(path);
});

Deno.test("removeTree() removes long names far below, and many folders beside each other", async () => {
  const path = await newFolder();
  const long = "n".repeat(250);
  for (let i = 0; i < 50; i++) {
    await Deno.mkdir(join(path, `${i}`, long, long, long, `${i}`), { recursive: true });
    await Deno.writeTextFile(join(path, `${i}`, long, long, long, "file"), "content");
  }
  await removeTree(path);
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
});

Deno.test("removeTree() removes links, and nothing of where they lead", async () => {
  const path = await newFolder();
  await Deno.mkdir(join(path, "kept/sub"), { recursive: true });
  await Deno.mkdir(join(path, "tree"));
  await Deno.symlink("../kept", join(path, "tree/link"));
  await Deno.symlink("kept", join(path, "link"));
  await removeTree(join(path, "tree"));
  await removeTree(join(path, "link"));
  assert.deepEqual(namesIn(path), ["kept"]);
  assert.deepEqual(namesIn(join(path, "kept")), ["sub"]);
  await removeTree(path);
});

Deno.test("removeTree() rejects with NotFound when nothing is there, unless forced", async () => {
  const path = join(await newFolder(), "missing");
  await assert.rejects(removeTree(path), Deno.errors.NotFound);
  await removeTree(path, { force: true });
  await removeTree(join(path, ".."));
});

Deno.test("removeTree() removes what modes protect when forced, and says so otherwise", async () => {
  const path = await newFolder();
  await makeDeepFolder(join(path, "tree"), 200);
  await Deno.mkdir(join(path, "tree/closed/sub"), { recursive: true });
  for (const folder of ["tree/closed/sub", "tree/closed", `tree${"/d".repeat(100)}`, "tree"]) {
    await Deno.chmod(join(path, folder), 0);
  }
  const remove = (options: string) =>
    runUnprivileged(`${IMPORT} await removeTree(Deno.args[0]${options});`, [join(path, "tree")]);
  await assert.rejects(remove(""), /PermissionDenied/);
  await remove(", { force: true }");
  assert.deepEqual(namesIn(path), []);
  await removeTree(path);
});

Deno.test("removeTree() moves nothing from elsewhere, though folders are exchanged for links", async () => {
  const path = await newFolder();
  const [tree, victim] = [join(path, "tree"), join(path, "victim")];
  // So deep that folders are moved, and there are the same names where the link leads to.
  const below = Array.from({ length: 40 }, () => "d").join("/");
  await Deno.mkdir(join(victim, below), { recursive: true });
  for (let round = 0; round < ROUNDS; round++) {
    await Deno.mkdir(join(tree, "a", below), { recursive: true });
    await using _ = await swapFolder(join(tree, "a"), victim);
    await removeTree(tree, { force: true }).catch(() => {});
  }
  assert.ok((await Deno.stat(join(victim, below))).isDirectory);
  await removeTree(path);
});

async function newFolder(): Promise<string> {
  return await Deno.makeTempDir({ prefix: "clustertest-remove-" });
}

function namesIn(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}
