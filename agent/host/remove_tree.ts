import { OpenFolder } from "./open_folder.ts";

/** How a tree is removed. */
export interface RemoveTreeOptions {
  /** Also what its modes protect from its owner; and that nothing is there is no error. @default false */
  readonly force?: boolean | undefined;
}

/** Levels of a tree that are removed at once: the system's own way takes stack and a descriptor for each. */
const LEVELS_AT_ONCE = 32;

/** Bytes that a path may have below the tree's own: with a name more, all systems still take it. */
const PATH_AT_ONCE = 400;

/**
 * Removes a file, a link, or a folder and all that is in it, however deep that is. Links are not
 * followed, nor those that another user puts in the place of folders meanwhile: root removes trees in
 * which others have folders.
 */
export async function removeTree(path: string, options: RemoveTreeOptions = {}): Promise<void> {
  const { force = false } = options;
  try {
    await removeInPieces(path, flatten);
  } catch (error) {
    if (!force) throw error;
    if (error instanceof Deno.errors.NotFound) return;
    await removeInPieces(path, unlockAndFlatten).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

async function removeInPieces(
  path: string,
  prepare: (folder: string) => Promise<void>,
): Promise<void> {
  if ((await Deno.lstat(path)).isDirectory) await prepare(path);
  await Deno.remove(path, { recursive: true });
}

/** Moves what is far below `root` up into it, until nothing is deeper than the system removes at once. */
async function flatten(root: string, prepare = (_folder: OpenFolder) => {}): Promise<void> {
  using top = OpenFolder.open(root);
  if (!top) return;
  prepare(top);
  const raised: string[] = [];
  await flattenBelow(top, { level: 0, size: 0 }, { top, raised, prepare });
  for (let name = raised.pop(); name !== undefined; name = raised.pop()) {
    using folder = top.enter(name);
    if (!folder) continue;
    prepare(folder);
    await flattenBelow(folder, { level: 1, size: name.length }, { top, raised, prepare });
  }
}

/** How far below the top a folder is, in levels and in bytes of its path. */
interface Depth {
  readonly level: number;
  readonly size: number;
}

interface Flattening {
  readonly top: OpenFolder;
  /** Names of folders that were moved into the top. */
  readonly raised: string[];
  readonly prepare: (folder: OpenFolder) => void;
}

/** At most as many folders are open as there are levels that are removed at once. */
async function flattenBelow(
  folder: OpenFolder,
  depth: Depth,
  flattening: Flattening,
): Promise<void> {
  const { top, raised, prepare } = flattening;
  for (const name of await subfoldersOf(folder.path)) {
    const below = { level: depth.level + 1, size: depth.size + 1 + byteLength(name) };
    if (below.level > LEVELS_AT_ONCE || below.size > PATH_AT_ONCE) {
      const place = crypto.randomUUID();
      if (await moved(folder.pathOf(name), top.pathOf(place))) raised.push(place);
      continue;
    }
    using subfolder = folder.enter(name);
    if (!subfolder) continue;
    prepare(subfolder);
    await flattenBelow(subfolder, below, flattening);
  }
}

/** The same in a tree whose modes keep its owner from changing it. */
function unlockAndFlatten(root: string): Promise<void> {
  return flatten(root, unlock);
}

function unlock({ path }: OpenFolder): void {
  try {
    Deno.chmodSync(path, 0o700);
  } catch {
    // What stands in the way says so when it is to be removed.
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** None for a folder that cannot be read: its removal says why. */
async function subfoldersOf(path: string): Promise<string[]> {
  const folders: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (isDirectory) folders.push(name);
    }
  } catch (error) {
    if (!isInTheWay(error)) throw error;
  }
  return folders;
}

function isInTheWay(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied;
}

/** Whether there was something to move. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await Deno.rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
