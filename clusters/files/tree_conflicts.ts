import type { HostFiles } from "../../agent/host/host.ts";

/** The folders of one side of a transfer. */
export interface TreeView {
  /** What is in a folder. */
  list(path: string): Promise<Deno.DirEntry[]>;
  /** Rejects unless the symbolic link leads to a folder into which content may go. */
  enterLink(path: string): Promise<void>;
}

/** A folder of one side. */
export interface TreePlace {
  readonly path: string;
  readonly view: TreeView;
}

/** Characters of a path up to which folders are compared: beyond, systems find it too long. */
const LONGEST_PATH = 1_000;

/**
 * Rejects when a name in the tree `from` cannot go into the tree `to`, for what has that name there;
 * nothing is changed. Only folders that both have are looked at. What cannot be listed is passed over:
 * the transfer itself will tell.
 */
export async function checkFits(from: TreePlace, to: TreePlace): Promise<void> {
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const there = await listed(to, folder);
    if (there.length === 0 || folder.length > LONGEST_PATH) continue;
    const kinds = new Map(there.map((entry) => [entry.name, entry]));
    for (const entry of await listed(from, folder)) {
      const other = kinds.get(entry.name);
      if (other && await isSharedFolder({ entry, other }, to, `${folder}/${entry.name}`)) {
        pending.push(`${folder}/${entry.name}`);
      }
    }
  }
}

/** Whether both are folders. */
async function isSharedFolder(
  { entry, other }: Record<"entry" | "other", Deno.DirEntry>,
  to: TreePlace,
  name: string,
): Promise<boolean> {
  if (entry.isDirectory) {
    if (other.isSymlink) await to.view.enterLink(`${to.path}${name}`);
    else if (other.isFile) throw conflict(to, name, "a file is in the way of a folder");
    return other.isDirectory || other.isSymlink;
  }
  const isMoved = entry.isFile || entry.isSymlink;
  if (isMoved && other.isDirectory && (await listed(to, name)).length > 0) {
    throw conflict(to, name, "a folder that is not empty is in its way");
  }
  return false;
}

async function listed({ path, view }: TreePlace, folder: string): Promise<Deno.DirEntry[]> {
  return await view.list(`${path}${folder}`).catch(() => []);
}

function conflict({ path }: TreePlace, name: string, reason: string): Error {
  return new Deno.errors.InvalidData(`Cannot put "${name.slice(1)}" into '${path}': ${reason}`);
}

/** The folders of a node. */
export function nodeView(files: HostFiles, signal: AbortSignal): TreeView {
  return {
    list: (path) => files.call("list", { path }, { signal }),
    // It makes nothing where a folder is, and rejects where a node may not make one.
    enterLink: (path) => files.call("mkdir", { path, recursive: true }, { signal }),
  };
}

/** The folders of this machine. Links may be of a node's making: none is followed. */
export const localView: TreeView = {
  list: (path) => Array.fromAsync(Deno.readDir(path)),
  enterLink: (path) =>
    Promise.reject(
      new Deno.errors.InvalidData(`Cannot write into '${path}': it is a symbolic link`),
    ),
};
