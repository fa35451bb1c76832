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
 * followed.
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

/** A folder, and how far below the root it is. */
interface Folder {
  readonly path: string;
  readonly level: number;
}

/** Moves what is far below `root` up into it, until nothing is deeper than the system removes at once. */
async function flatten(root: string, enter = subfoldersOf): Promise<void> {
  const pending: Folder[] = [{ path: root, level: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const path of await enter(next.path)) {
      const level = next.level + 1;
      if (!isFarBelow(root, { path, level })) {
        pending.push({ path, level });
        continue;
      }
      const raised = `${root}/${crypto.randomUUID()}`;
      if (await moved(path, raised)) pending.push({ path: raised, level: 1 });
    }
  }
}

/** The same in a tree whose modes keep its owner from changing it. */
async function unlockAndFlatten(root: string): Promise<void> {
  await unlock(root);
  await flatten(root, async (path) => {
    const folders = await subfoldersOf(path);
    for (const folder of folders) await unlock(folder);
    return folders;
  });
}

async function unlock(folder: string): Promise<void> {
  // What stands in the way says so when it is to be removed.
  await Deno.chmod(folder, 0o700).catch(() => {});
}

function isFarBelow(root: string, { path, level }: Folder): boolean {
  if (level > LEVELS_AT_ONCE) return true;
  return new TextEncoder().encode(path.slice(root.length)).length > PATH_AT_ONCE;
}

/** None for a folder that cannot be read: its removal says why. */
async function subfoldersOf(path: string): Promise<string[]> {
  const folders: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (isDirectory) folders.push(`${path}/${name}`);
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
