import assert from "node:assert/strict";
import { join } from "node:path";
import { type Header, pack } from "tar-stream";
import type { UnpackingOptions } from "./tree_unpacking.ts";
import { writeTree } from "./tree_writer.ts";

/** An entry of an archive that this package would not make. */
type Entry = Partial<Header> & { readonly name: string; readonly content?: string };

/** What is beside the folder that an archive is unpacked into, and has to stay as it is. */
const OUTSIDE = { mode: 0o700, mtime: new Date("2001-02-03T04:05:06Z") };

/** Links that were there before are followed. */
const FOLLOW_ALL = () => Promise.resolve();

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
    for (const options of [{}, { follow: FOLLOW_ALL }]) {
      await using place = await Place.make();
      await assert.rejects(place.unpack(entries, options), isRefusal(reason));
      await place.assertUntouched();
      await assert.rejects(Deno.lstat("/tmp/clustertest-absolute"), Deno.errors.NotFound);
    }
  });
}

Deno.test("writeTree() follows a link to a folder that was there, if it may", async () => {
  await using place = await Place.make();
  await Deno.mkdir(join(place.target, "usr/lib"), { recursive: true, mode: 0o750 });
  await Deno.symlink("usr/lib", join(place.target, "lib"));
  const entries: Entry[] = [{ name: "lib/", type: "directory", mode: 0o700 }, file("lib/a/file")];
  await assert.rejects(place.unpack(entries), isRefusal(/it leads through a symbolic link$/));
  const forbidden = () => Promise.reject(new Deno.errors.PermissionDenied("not there"));
  await assert.rejects(place.unpack(entries, { follow: forbidden }), /not there/);
  assert.deepEqual([...Deno.readDirSync(join(place.target, "usr/lib"))], []);
  await place.unpack(entries, { follow: FOLLOW_ALL });
  assert.equal(await Deno.readTextFile(join(place.target, "usr/lib/a/file")), "content");
  assert.equal(await Deno.readLink(join(place.target, "lib")), "usr/lib");
  assert.equal((await Deno.stat(join(place.target, "usr/lib"))).mode! & 0o7777, 0o750);
});

Deno.test("writeTree() follows no link that leads nowhere, or to a file", async () => {
  for (const to of ["missing", "file"]) {
    await using place = await Place.make();
    await Deno.mkdir(place.target);
    await Deno.writeTextFile(join(place.target, "file"), "kept");
    await Deno.symlink(to, join(place.target, "a"));
    await assert.rejects(
      place.unpack([file("a/b")], { follow: FOLLOW_ALL }),
      isRefusal(/a link that leads to no folder is in the way of a folder$/),
    );
  }
});

Deno.test("writeTree() follows no link of the archive on the way of one that was there", async () => {
  await using place = await Place.make();
  await Deno.mkdir(join(place.target, "usr"), { recursive: true });
  await Deno.symlink("usr/lib", join(place.target, "lib"));
  const entries: Entry[] = [
    { name: "usr/lib", type: "symlink", linkname: "../../outside" },
    file("lib/file"),
  ];
  await assert.rejects(
    place.unpack(entries, { follow: FOLLOW_ALL }),
    isRefusal(/it leads through a symbolic link$/),
  );
  await place.assertUntouched();
});

Deno.test("writeTree() follows no other name that the archive gives to a link", async () => {
  await using place = await Place.make();
  await Deno.mkdir(join(place.target, "sub"), { recursive: true });
  await Deno.symlink("../outside", join(place.target, "a"));
  const entries: Entry[] = [{ name: "sub/b", type: "link", linkname: "a" }, file("sub/b/file")];
  await assert.rejects(
    place.unpack(entries, { follow: FOLLOW_ALL }),
    isRefusal(/it leads through a symbolic link$/),
  );
  await place.assertUntouched();
});

Deno.test("writeTree() says so when a folder that is not empty is in the way of a file", async () => {
  await using place = await Place.make();
  await Deno.mkdir(join(place.target, "a/kept"), { recursive: true });
  const reason = /a folder that is not empty is in its way$/;
  await assert.rejects(place.unpack([file("a")]), isRefusal(reason));
  await Deno.stat(join(place.target, "a/kept"));
});

Deno.test("writeTree() keeps setuid, setgid and sticky bits only when it is told to", async () => {
  const entries: Entry[] = [
    { name: "folder/", type: "directory", mode: 0o1777 },
    { ...file("folder/file"), mode: 0o6755 },
  ];
  for (
    const [keepSpecialModes, folder, inside] of [[false, 0o777, 0o755], [
      true,
      0o1777,
      0o6755,
    ]] as const
  ) {
    await using place = await Place.make();
    await place.unpack(entries, { keepSpecialModes });
    const modeOf = (name: string) => Deno.statSync(join(place.target, name)).mode! & 0o7777;
    assert.deepEqual([modeOf("folder"), modeOf("folder/file")], [folder, inside]);
  }
});

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

/** What an archive that is refused is refused with. */
function isRefusal(reason: RegExp): (error: Error) => true {
  return (error) => {
    assert.ok(error instanceof Deno.errors.InvalidData, String(error));
    assert.match(error.message, reason);
    return true;
  };
}

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

  async unpack(entries: readonly Entry[], options: UnpackingOptions = {}): Promise<void> {
    const archive = pack();
    for (const { content, ...header } of entries) archive.entry(header, content ?? "");
    archive.finalize();
    const { stream } = writeTree(this.target, { ...options, onClosed: () => {} });
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
