import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { makeDeepFolder } from "../../../clusters/conformance/deep_folder.ts";
import { requirement } from "../../../clusters/requirement.ts";
import { swapFolder } from "../../testing/swapped_folder.ts";
import { HostPaths } from "../host_paths.ts";
import { removeTree } from "../remove_tree.ts";
import { changeOwner } from "./change_owner.ts";
import { ProcessUsers } from "./process_users.ts";

const root = await requirement("root", async () => {
  const uid = Deno.uid();
  if (uid !== 0) throw new Error(`the user is ${uid}`);
  return await Promise.resolve("root");
});

/** How often the owner is changed while a folder is exchanged for a link. */
const ROUNDS = 200;

const UID = 1_234_567;

/** Changes the owner of what is in the folder that it gives to `work`. */
async function inFolder(
  work: (folder: string, chown: (path: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "clustertest-owner-" });
  try {
    const paths = new HostPaths(folder, { confine: true });
    const users = new ProcessUsers({ rootDir: folder, tempDir: undefined });
    const context = { paths, tempDir: folder, users };
    await work(folder, (path) => changeOwner(context, { path, owner: `${UID}`, recursive: true }));
  } finally {
    await removeTree(folder, { force: true });
  }
}

Deno.test({
  name: "changeOwner() changes a tree of any depth",
  ignore: root === undefined,
  fn: () =>
    inFolder(async (folder, chown) => {
      await makeDeepFolder(join(folder, "tree"), 3_000);
      await chown("tree");
      let path = join(folder, "tree");
      for (let level = 0; level < 1_500; level++, path += "/d") {
        strictEqual((await Deno.lstat(path)).uid, UID, `level ${level}`);
      }
    }),
});

Deno.test({
  name: "changeOwner() changes nothing elsewhere, though folders are exchanged for links meanwhile",
  ignore: root === undefined,
  fn: () =>
    inFolder(async (folder, chown) => {
      const [tree, victim] = [join(folder, "tree"), join(folder, "victim")];
      await Deno.mkdir(join(tree, "a/b/c"), { recursive: true });
      await Deno.mkdir(join(victim, "b/c"), { recursive: true });
      await using _ = await swapFolder(join(tree, "a"), victim);
      let changed = 0;
      // Until one has found nothing exchanged meanwhile, too.
      for (let round = 0; round < ROUNDS || changed === 0; round++) {
        await chown("tree").then(() => changed++, () => {});
      }
      const owners = ["", "b", "b/c"].map((name) => Deno.lstatSync(join(victim, name)).uid);
      deepStrictEqual(owners, [0, 0, 0]);
    }),
});

Deno.test({
  name: "changeOwner() is confined as other changes are",
  ignore: root === undefined,
  fn: () =>
    inFolder(async (folder, chown) => {
      const outside = await Deno.makeTempDir();
      try {
        await Deno.symlink(outside, join(folder, "link"));
        for (const path of [outside, "link", ".."]) {
          await rejects(chown(path), Deno.errors.PermissionDenied);
        }
        strictEqual((await Deno.lstat(outside)).uid, 0);
      } finally {
        await Deno.remove(outside);
      }
    }),
});
