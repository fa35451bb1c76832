import { lchownSync } from "node:fs";
import { describedError, messageOf } from "../described_error.ts";
import type { FileContext } from "../file_context.ts";
import type { FileOperations } from "../host.ts";
import { FolderWalk } from "../folder_walk.ts";
import type { OpenFolder } from "../open_folder.ts";
import type { Owner } from "./accounts.ts";
import { ROOT_REMEDY } from "./process_users.ts";

/** Gives a file, a folder, or with `recursive` all that is in it, to another user or group. */
export async function changeOwner(
  { paths, users }: FileContext,
  { path, owner: name, recursive = false }: FileOperations["chown"]["args"],
): Promise<void> {
  const label = `Cannot change the owner of '${path}' to "${name}"`;
  const owner = await users.accounts.owner(name, label);
  const target = await paths.target(path);
  try {
    await Deno.chown(target, owner.uid, owner.gid);
    if (recursive) await changeAllIn(await Deno.realPath(target), owner);
  } catch (error) {
    const reason = messageOf(error).replace(/: chown '[^']*'$/, "");
    throw describedError(error, `${label}: ${reason}${remedyOf(error)}`);
  }
  // The new owner has to be able to get there.
  users.letIn();
}

/** Goes through a tree of any depth, from the root down. */
async function changeAllIn(root: string, owner: Owner): Promise<void> {
  using walk = FolderWalk.open(root);
  if (!walk) return;
  // Of each folder on the way down, what is still to be entered.
  const pending = [await changeEntries(walk.current, owner)];
  for (;;) {
    const name = pending.at(-1)!.pop();
    if (name === undefined) {
      pending.pop();
      if (!walk.leave()) return;
    } else if (walk.enter(name)) {
      pending.push(await changeEntries(walk.current, owner));
    }
  }
}

/** Changes what is in a folder, links themselves, too; resolves to the names of its folders. */
async function changeEntries(folder: OpenFolder, owner: Owner): Promise<string[]> {
  const subfolders: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder.path)) {
    changeUnlessGone(folder.pathOf(name), owner);
    if (isDirectory) subfolders.push(name);
  }
  return subfolders;
}

function changeUnlessGone(path: string, { uid, gid }: Owner): void {
  try {
    lchownSync(path, uid ?? UNCHANGED, gid ?? UNCHANGED);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
  }
}

/** What the system takes for a number that is to stay as it is. */
const UNCHANGED = 2 ** 32 - 1;

function remedyOf(error: unknown): string {
  const isDenied = error instanceof Deno.errors.PermissionDenied ||
    (error as { code?: unknown }).code === "EPERM";
  if (!isDenied) return "";
  if (Deno.uid() === 0) return ". The node's root lacks the capability CHOWN";
  return `. Only root can give files away. ${ROOT_REMEDY}`;
}
