import { join } from "node:path";
import { cacheDir } from "../../../agent/build/cache_dir.ts";
import { delay } from "../../../agent/delay.ts";

/** Milliseconds between two looks at a lock that another process, or cluster, holds. */
const LOCK_INTERVAL = 50;

/**
 * Does work while no other process of this machine's user does work of the same kind.
 * `key` is hexadecimal, and what begins with the same two digits takes turns: so the files are not many.
 */
export async function inBuildTurn<T>(
  key: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const dir = join(cacheDir(), "image-builds");
  await Deno.mkdir(dir, { recursive: true });
  // The operating system lets go of the lock when its holder ends, however it ends.
  const options = { create: true, write: true };
  using lock = await Deno.open(join(dir, `${key.slice(0, 2)}.lock`), options);
  while (!await lock.tryLock(true)) await delay(LOCK_INTERVAL, signal);
  return await work();
}
