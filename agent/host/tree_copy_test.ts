import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { makeDeepFolder } from "../../clusters/conformance/deep_folder.ts";
import { runUnprivileged } from "../testing/unprivileged.ts";
import { removeTree } from "./remove_tree.ts";
import { readTree } from "./tree_reader.ts";
import { TreeWalk } from "./tree_walk.ts";
import { writeTree } from "./tree_writer.ts";

const onClosed = () => {};
const onLinux = Deno.build.os === "linux";

Deno.test({
  name: "a tree is copied that is deeper than any path can say",
  // Elsewhere the system has no way to it.
  ignore: !onLinux,
  async fn() {
    await using place = await Place.make();
    await makeDeepFolder(place.from, 2_400);
    await copy(place);
    await copy(place); // Over what is there.
    using walk = new TreeWalk(place.to);
    let folders = 0;
    for (let entry = walk.next(); entry !== undefined; entry = walk.next()) {
      folders++;
      await walk.enter(entry);
    }
    assert.equal(folders, 2_401);
  },
});

Deno.test("a tree is read that has more files in a folder than a call takes arguments", async () => {
  await using place = await Place.make(await inMemory());
  await Deno.mkdir(place.from);
  for (let i = 0; i < 150_000; i++) Deno.openSync(`${place.from}/${i}`, CREATE).close();
  const headers = await read(place.from, { namesOnly: true });
  assert.ok(headers >= 512 * 150_000, `${headers}`);
});

Deno.test("the names of a file are one file after a copy, too", async () => {
  await using place = await Place.make();
  await Deno.mkdir(join(place.from, "sub"), { recursive: true });
  await Deno.writeTextFile(join(place.from, "one"), "content");
  await Deno.link(join(place.from, "one"), join(place.from, "sub/two"));
  await Deno.writeTextFile(join(place.from, "sub/other"), "content");
  await copy(place);
  const [one, two, other] = ["one", "sub/two", "sub/other"].map((name) => {
    const { ino, nlink } = Deno.statSync(join(place.to, name));
    return { ino, nlink };
  });
  assert.deepEqual(one, two);
  assert.equal(one!.nlink, 2);
  assert.equal(other!.nlink, 1);
  assert.equal(await Deno.readTextFile(join(place.to, "sub/two")), "content");
});

Deno.test("a sparse file is one after a copy, too, with the same content", async () => {
  await using place = await Place.make();
  await Deno.mkdir(place.from);
  const size = 20_000_001;
  {
    using file = await Deno.open(join(place.from, "file"), { write: true, createNew: true });
    await file.write(new TextEncoder().encode("beginning"));
    await file.seek(7_000_003, Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode("middle"));
    await file.truncate(size);
  }
  const used = (dir: string) => Deno.statSync(join(dir, "file")).blocks! * 512;
  // Not every file system has holes.
  if (used(place.from) >= size) return;
  await copy(place);
  const [from, to] = [place.from, place.to].map((dir) => Deno.readFileSync(join(dir, "file")));
  assert.equal(to!.length, size);
  assert.ok(Buffer.from(from!).equals(to!));
  assert.ok(used(place.to) < 1_000_000, `${used(place.to)}`);
});

Deno.test("a file that is cut while it is read arrives as it is then", async () => {
  await using place = await Place.make();
  await Deno.mkdir(place.from);
  const path = join(place.from, "file");
  await Deno.writeFile(path, new Uint8Array(3_000_000).fill(1));
  let cut = false;
  const cutting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      if (!cut) Deno.truncateSync(path, 1_000_001);
      cut = true;
    },
  });
  const { stream } = await readTree(place.from, { onClosed });
  await stream.pipeThrough(cutting).pipeTo(writeTree(place.to, { onClosed }).stream);
  const content = await Deno.readFile(join(place.to, "file"));
  assert.equal(content.length, 1_000_001);
  assert.ok(content.every((byte) => byte === 1));
});

Deno.test({
  name: "files that say that they are empty, or have more than they have, are read to their end",
  ignore: !onLinux,
  async fn() {
    await using place = await Place.make();
    for (
      const [from, name] of [["/proc/sys/kernel/random", "boot_id"], [
        "/sys/class/net/lo/statistics",
        "rx_bytes",
      ]] as const
    ) {
      const { stream } = await readTree(from, { onClosed });
      await stream.pipeTo(writeTree(place.to, { onClosed }).stream);
      assert.match(await Deno.readTextFile(join(place.to, name)), /^[\da-f-]+\n$/);
    }
  },
});

Deno.test("what is put in the place of a file is not followed, and not waited for", async () => {
  await using place = await Place.make();
  await Deno.mkdir(place.from);
  const secret = join(place.dir, "secret");
  await Deno.writeTextFile(secret, "secret");
  const path = join(place.from, "file");
  const swaps = [
    () => Deno.symlinkSync(secret, path),
    () => void new Deno.Command("mkfifo", { args: [path] }).outputSync(),
    () => Deno.mkdirSync(path),
    () => {},
  ];
  for (const swap of swaps) {
    await Deno.writeTextFile(path, "content");
    using _ = afterNextLook(path, () => {
      Deno.removeSync(path);
      swap();
    });
    const archive = await Array.fromAsync((await readTree(place.from, { onClosed })).stream, text)
      .catch(String);
    assert.ok(!String(archive).includes("secret"));
    await removeTree(path, { force: true });
  }
});

Deno.test("a tree that is protected from writing is copied over itself, and stays protected", async () => {
  await using place = await Place.make();
  await Deno.mkdir(join(place.from, "sub/kept"), { recursive: true });
  await Deno.writeTextFile(join(place.from, "sub/file"), "content", { mode: 0o400 });
  for (const folder of ["sub/kept", "sub", ""]) await Deno.chmod(join(place.from, folder), 0o555);
  const code =
    ["tree_reader", "tree_writer"].map((name) =>
      `const { ${name === "tree_reader" ? "readTree" : "writeTree"} } = await import("${
        import.meta.resolve(`./${name}.ts`)
      }");`
    ).join("\n") + `const [from, to] = Deno.args, onClosed = () => {};
    for (let i = 0; i < 2; i++) {
      const { stream } = await readTree(from, { onClosed });
      await stream.pipeTo(writeTree(to, { onClosed }).stream);
    }
    await Deno.remove(to + "/sub/file").then(() => Deno.exit(9), () => {});`;
  await runUnprivileged(code, [place.from, place.to]);
  for (
    const [name, mode] of [["", 0o555], ["sub", 0o555], ["sub/kept", 0o555], [
      "sub/file",
      0o400,
    ]] as const
  ) {
    assert.equal(Deno.statSync(join(place.to, name)).mode! & 0o7777, mode, name);
  }
});

const CREATE = { write: true, createNew: true };

async function copy({ from, to }: Place): Promise<void> {
  const { stream } = await readTree(from, { onClosed });
  await stream.pipeTo(writeTree(to, { onClosed }).stream);
}

/** Where a great many files are made and removed in little time, if this machine has such a place. */
async function inMemory(): Promise<{ readonly dir?: string }> {
  const dir = "/dev/shm";
  return await Deno.stat(dir).then(() => ({ dir }), () => ({}));
}

/** Bytes of an archive. */
async function read(path: string, options: { namesOnly: boolean }): Promise<number> {
  let size = 0;
  for await (const { length } of (await readTree(path, { onClosed, ...options })).stream) {
    size += length;
  }
  return size;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Does something in the moment after it was looked what is at `path`. */
function afterNextLook(path: string, act: () => void): Disposable {
  const { lstatSync } = Deno;
  Deno.lstatSync = (given) => {
    const info = lstatSync(given);
    if (given === path) {
      Deno.lstatSync = lstatSync;
      act();
    }
    return info;
  };
  return { [Symbol.dispose]: () => void (Deno.lstatSync = lstatSync) };
}

/** A folder with a tree, and one for its copy. */
class Place implements AsyncDisposable {
  readonly dir: string;
  readonly from: string;
  readonly to: string;

  private constructor(dir: string) {
    this.dir = dir;
    this.from = join(dir, "from");
    this.to = join(dir, "to");
  }

  static async make(options: { readonly dir?: string } = {}): Promise<Place> {
    return new Place(await Deno.makeTempDir({ prefix: "clustertest-copy-", ...options }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeTree(this.dir, { force: true });
  }
}
