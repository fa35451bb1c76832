import assert from "node:assert/strict";
import { join } from "node:path";
import { type Header, pack } from "tar-stream";
import { writeTree } from "./tree_writer.ts";

/** An entry of an archive that nobody here would make. */
type Entry = Partial<Header> & { readonly name: string; readonly content?: string };

/** What is beside the folder that an archive is unpacked into, and has to stay as it is. */
const OUTSIDE = { mode: 0o700, mtime: new Date("2001-02-03T04:05:06Z") };

/** Archives that reach for what is outside, if only `outside` is there, and why they are refused. */
const REFUSED: Readonly<Record<string, readonly [entries: Entry[], reason: RegExp]>> = {
  "an absolute name": [[file("/tmp/clustertest-absolute")], /it is absolute$/],
  "an absolute folder": [[{ name: "/tmp/clustertest-absolute/", type: "directory" }], /absolute$/],
  "a name with ..": [[file("../outside/file")], /it leaves the folder$/],
  "a name with .. further on": [[file("a/../../outside/file")], /it leaves the folder$/],
  "a folder with ..": [[{ name: "a/../../outside/", type: "directory" }], /it leaves the folder$/],
  "a file through a symbolic link": [
    [symlink("a"), file("a/file")],
    /it leads through a symbolic link$/,
  ],
  "a file far below a symbolic link": [
    [symlink("a"), file("a/b/c/file")],
    /it leads through a symbolic link$/,
  ],
  "a folder where a symbolic link is": [
    [symlink("a"), { name: "a/", type: "directory", mode: 0o777 }],
    /it leads through a symbolic link$/,
  ],
  "a file through a symbolic link that replaces a folder": [
    [{ name: "a/", type: "directory" }, symlink("a"), file("a/file")],
    /it leads through a symbolic link$/,
  ],
  "a file through a symbolic link in place of all": [
    [{ name: "./", type: "directory" }, { ...symlink("."), linkname: "outside" }, file("file")],
    /a link cannot be the folder itself$/,
  ],
  "a hard link in place of all": [
    [file("a"), { name: ".", type: "link", linkname: "a" }],
    /a link cannot be the folder itself$/,
  ],
  "a hard link to an absolute name": [
    [{ name: "a", type: "link", linkname: "/etc/hostname" }],
    /it is absolute$/,
  ],
  "a hard link to a name with ..": [
    [{ name: "a", type: "link", linkname: "../outside/secret" }],
    /it leaves the folder$/,
  ],
  "a hard link through a symbolic link": [
    [symlink("a"), { name: "b", type: "link", linkname: "a/secret" }],
    /it leads through a symbolic link$/,
  ],
  "a device": [[{ name: "a", type: "character-device" }], /a character-device cannot be made$/],
  "a pipe": [[{ name: "a", type: "fifo" }], /a fifo cannot be made$/],
};

for (const [what, [entries, reason]] of Object.entries(REFUSED)) {
  Deno.test(`writeTree() refuses ${what}, and changes nothing outside`, async () => {
    await using place = await Place.make();
    await assert.rejects(place.unpack(entries), (error: Error) => {
      assert.ok(error instanceof Deno.errors.InvalidData, String(error));
      assert.match(error.message, reason);
      return true;
    });
    await place.assertUntouched();
    await assert.rejects(Deno.lstat("/tmp/clustertest-absolute"), Deno.errors.NotFound);
  });
}

Deno.test("writeTree() sets no mode and no time through a symbolic link that replaces a folder", async () => {
  await using place = await Place.make();
  await place.unpack([{ name: "a/", type: "directory", mode: 0o777 }, symlink("a")]);
  assert.equal(await Deno.readLink(join(place.target, "a")), "../outside");
  await place.assertUntouched();
});

Deno.test("writeTree() replaces links, and writes nothing to where they lead", async () => {
  await using place = await Place.make();
  await place.unpack([{ ...symlink("a"), linkname: "../outside/secret" }, file("a")]);
  assert.equal(await Deno.readTextFile(join(place.target, "a")), "content");
  assert.ok((await Deno.lstat(join(place.target, "a"))).isFile);
  await place.assertUntouched();
});

Deno.test("writeTree() gives a folder that comes twice what came last", async () => {
  await using place = await Place.make();
  const modes = [0o700, 0o755, 0o750];
  await place.unpack(modes.map((mode) => ({ name: "a/", type: "directory", mode })));
  assert.equal((await Deno.stat(join(place.target, "a"))).mode! & 0o7777, 0o750);
});

function file(name: string): Entry {
  return { name, type: "file", content: "content" };
}

/** Leads to what is outside. */
function symlink(name: string): Entry {
  return { name, type: "symlink", linkname: "../outside" };
}

/** A folder to unpack into, with another one beside it. */
class Place implements AsyncDisposable {
  readonly target: string;
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.target = join(dir, "target");
  }

  static async make(): Promise<Place> {
    const dir = await Deno.makeTempDir();
    const outside = join(dir, "outside");
    await Deno.mkdir(outside);
    await Deno.writeTextFile(join(outside, "secret"), "secret");
    await Deno.chmod(outside, OUTSIDE.mode);
    await Deno.utime(outside, OUTSIDE.mtime, OUTSIDE.mtime);
    return new Place(dir);
  }

  async unpack(entries: readonly Entry[]): Promise<void> {
    const archive = pack();
    for (const { content, ...header } of entries) archive.entry(header, content ?? "");
    archive.finalize();
    const { stream } = writeTree(this.target, { onClosed: () => {} });
    await ReadableStream.from(archive as AsyncIterable<Uint8Array>).pipeTo(stream);
  }

  async assertUntouched(): Promise<void> {
    const outside = join(this.#dir, "outside");
    const { mode, mtime } = await Deno.stat(outside);
    assert.deepEqual({ mode: mode! & 0o7777, mtime }, OUTSIDE);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(outside))).map(({ name }) => name), [
      "secret",
    ]);
    assert.equal(await Deno.readTextFile(join(outside, "secret")), "secret");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}
