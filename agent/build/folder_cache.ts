import { dirname, join } from "node:path";
import { delay } from "../delay.ts";
import { describedError, messageOf } from "../host/described_error.ts";
import type { BuildOptions } from "./agent_pack.ts";

/** How a folder is made. */
export interface FolderMaking extends BuildOptions {
  /** Path of a file by which processes take turns. */
  readonly lock: string;
  /** Asked when it is this one's turn. */
  readonly isMade: () => Promise<boolean>;
  /** Fills a folder that then becomes `dir`. */
  readonly make: (dir: string) => Promise<void>;
}

/**
 * Makes the folder `dir`, so that it is seen whole or not at all, whatever happens in between, and
 * so that one process at a time does the work.
 */
export async function makeFolderOnce(dir: string, options: FolderMaking): Promise<void> {
  const { lock, isMade, make } = options;
  using file = await openLock(dirname(dir), lock);
  await acquire(file, options);
  if (await isMade()) return;
  const half = `${dir}.half`;
  await removeFolder(half);
  await Deno.mkdir(half);
  try {
    await make(half);
    await removeFolder(dir);
    await Deno.rename(half, dir);
  } finally {
    await removeFolder(half);
  }
}

/** Makes the folder of a cache, and opens the lock in it. */
async function openLock(cache: string, lock: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(cache, { recursive: true });
    return await Deno.open(lock, { create: true, write: true });
  } catch (error) {
    throw describedError(
      error,
      `Cannot write to the cache "${cache}": ${messageOf(error)}. ` +
        "Set CLUSTERTEST_CACHE to a folder that can be written to",
    );
  }
}

/** Milliseconds between two looks at a lock that another process holds. */
const LOCK_INTERVAL = 50;

/** The operating system lets go of the lock when its holder ends, however it ends. */
async function acquire(lock: Deno.FsFile, { signal, onProgress }: BuildOptions): Promise<void> {
  if (await lock.tryLock(true)) return;
  onProgress?.({ label: "waiting for another process that builds the agent" });
  while (!await lock.tryLock(true)) {
    signal?.throwIfAborted();
    await delay(LOCK_INTERVAL);
  }
}

/** Says that the folder is in use. A cache that cannot be written to is not pruned either. */
export async function touchFolder(dir: string): Promise<void> {
  const now = new Date();
  await Deno.utime(dir, now, now).catch((error) => {
    const isReadOnly = error instanceof Deno.errors.PermissionDenied || error.code === "EROFS";
    if (!isReadOnly) throw error;
  });
}

/** Folders that are kept however long they were not used. */
const KEPT = 4;

/** Milliseconds since its last use for which a folder may still be in use. */
const IN_USE = 60 * 60 * 1000;

/** Removes from `parent` the folders with this prefix that have not been used for long. */
export async function pruneFolders(parent: string, prefix: string): Promise<void> {
  const folders: { path: string; used: number }[] = [];
  for await (const { name, isDirectory } of Deno.readDir(parent)) {
    if (!isDirectory || !name.startsWith(prefix)) continue;
    const path = join(parent, name);
    folders.push({ path, used: (await Deno.stat(path)).mtime?.getTime() ?? 0 });
  }
  const old = folders.sort((a, b) => b.used - a.used).slice(KEPT)
    .filter(({ used }) => used < Date.now() - IN_USE);
  await Promise.all(old.map(({ path }) => removeFolder(path)));
}

/** Removes a folder, if there is one. */
async function removeFolder(dir: string): Promise<void> {
  await Deno.remove(dir, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
