import { join } from "node:path";
import { delay } from "../../agent/delay.ts";
import { makePrivateFolder, privateFolder } from "../ownership/mod.ts";

/** Milliseconds between tries to get a lock. */
const POLL_INTERVAL = 100;

/** How the names of their files begin and end. */
const FILE = /^(hold-\w+)\.lock$/;

/** Removes the files of locks that no process has: theirs was killed. */
export async function removeFreeLocks(): Promise<void> {
  for (const { name } of Deno.readDirSync(privateFolder())) {
    const lock = FILE.exec(name)?.[1];
    if (lock !== undefined) await (await NameLock.try(lock))?.[Symbol.asyncDispose]();
  }
}

/**
 * A lock that one process of this user can have at a time, or one cluster of a process. It ends with
 * its process, however that ends.
 */
export class NameLock implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;

  private constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Resolves to `undefined` when another process or cluster has it. */
  static async try(name: string): Promise<NameLock | undefined> {
    const path = join(await makePrivateFolder(), `${name}.lock`);
    const file = await Deno.open(path, { write: true, create: true, mode: 0o600 });
    const lock = new NameLock(file, path);
    if (await file.tryLock(true) && await lock.#isThere()) return lock;
    file.close();
    return undefined;
  }

  /** Waits until no other process or cluster has it. */
  static async take(name: string, signal: AbortSignal): Promise<NameLock> {
    for (;;) {
      signal.throwIfAborted();
      const lock = await NameLock.try(name);
      if (lock) return lock;
      await delay(POLL_INTERVAL, signal);
    }
  }

  /** The file goes with the lock, as long as it is locked. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#path).catch(() => {});
    this.#file.close();
  }

  /** The holder before may have removed the file after this process has opened it. */
  async #isThere(): Promise<boolean> {
    const [own, there] = await Promise.all([
      this.#file.stat(),
      Deno.lstat(this.#path).catch(() => undefined),
    ]);
    return own.ino === there?.ino;
  }
}
