import assert from "node:assert/strict";
import { join } from "node:path";
import { makeFolderOnce, pruneFolders, touchFolder } from "./folder_cache.ts";

async function inTempDir(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-folder-" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

async function names(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();
}

Deno.test("makeFolderOnce() makes a folder once when several ask at the same time", () =>
  inTempDir(async (temp) => {
    const dir = join(temp, "made");
    let makers = 0;
    const make = async (half: string): Promise<void> => {
      makers++;
      assert.equal(await isThere(dir), false);
      await Deno.writeTextFile(join(half, "file"), "content");
    };
    const options = { lock: join(temp, "lock"), isMade: () => isThere(dir), make };
    await Promise.all(Array.from({ length: 8 }, () => makeFolderOnce(dir, options)));
    assert.equal(makers, 1);
    assert.deepEqual(await names(temp), ["lock", "made"]);
    assert.equal(await Deno.readTextFile(join(dir, "file")), "content");
  }));

Deno.test("makeFolderOnce() leaves what was there when making fails", () =>
  inTempDir(async (temp) => {
    const dir = join(temp, "made");
    await Deno.mkdir(join(dir, "old"), { recursive: true });
    const make = async (half: string): Promise<void> => {
      await Deno.writeTextFile(join(half, "file"), "half");
      throw new Error("no more paper");
    };
    const options = { lock: join(temp, "lock"), isMade: () => Promise.resolve(false), make };
    await assert.rejects(makeFolderOnce(dir, options), /no more paper/);
    assert.deepEqual(await names(temp), ["lock", "made"]);
    assert.deepEqual(await names(dir), ["old"]);
  }));

Deno.test("makeFolderOnce() replaces what a killed process left half made", () =>
  inTempDir(async (temp) => {
    const dir = join(temp, "made");
    await Deno.mkdir(`${dir}.half`);
    await Deno.writeTextFile(join(`${dir}.half`, "rubbish"), "");
    const make = (half: string): Promise<void> => Deno.writeTextFile(join(half, "file"), "");
    await makeFolderOnce(dir, { lock: join(temp, "lock"), isMade: () => isThere(dir), make });
    assert.deepEqual(await names(dir), ["file"]);
  }));

Deno.test("makeFolderOnce() rejects with the signal's reason when aborted in the queue", () =>
  inTempDir(async (temp) => {
    const abort = new AbortController();
    const { promise: waiting, resolve: onWaiting } = Promise.withResolvers<void>();
    const options = { lock: join(temp, "lock"), isMade: () => Promise.resolve(false) };
    const make = async (): Promise<void> => {
      const queued = makeFolderOnce(join(temp, "other"), {
        ...options,
        make: () => Promise.reject(new Error("It was not this one's turn")),
        signal: abort.signal,
        onProgress: () => onWaiting(),
      });
      await waiting;
      abort.abort(new Error("enough"));
      await assert.rejects(queued, /enough/);
    };
    await makeFolderOnce(join(temp, "made"), { ...options, make });
    assert.deepEqual(await names(temp), ["lock", "made"]);
  }));

Deno.test("pruneFolders() keeps the latest, what is in use, and what is not its own", () =>
  inTempDir(async (temp) => {
    const day = 24 * 60 * 60 * 1000;
    for (const index of [1, 2, 3, 4, 5, 6, 7]) {
      const dir = join(temp, `own-${index}`);
      await Deno.mkdir(dir);
      await Deno.utime(dir, 0, new Date(Date.now() - index * day));
    }
    await Deno.mkdir(join(temp, "other-8"));
    await Deno.utime(join(temp, "other-8"), 0, 0);
    await touchFolder(join(temp, "own-7"));
    await pruneFolders(temp, "own-");
    assert.deepEqual(await names(temp), ["other-8", "own-1", "own-2", "own-3", "own-7"]);
  }));

Deno.test("makeFolderOnce() names CLUSTERTEST_CACHE when its cache cannot be written to", () =>
  inTempDir(async (temp) => {
    const file = join(temp, "file");
    await Deno.writeTextFile(file, "in the way");
    const options = { lock: join(file, "lock"), isMade: () => Promise.resolve(false) };
    await assert.rejects(
      makeFolderOnce(join(file, "made"), { ...options, make: () => Promise.resolve() }),
      /^[A-Za-z]+: Cannot write to the cache ".*file": .+\. Set CLUSTERTEST_CACHE to a folder that can/,
    );
  }));
