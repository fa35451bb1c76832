import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join, relative } from "node:path";
import { Cluster } from "../../cluster/mod.ts";
import type { HostFiles } from "../../../agent/host/host.ts";
import type { CollectedArtifacts, EventDetail } from "../../events/mod.ts";
import type { Backend } from "../../kit/mod.ts";
import { local } from "../../local/mod.ts";
import { loopback } from "../../loopback/mod.ts";
import { insidesOf, type Node } from "../../node/mod.ts";
import { collectArtifacts, type Collection } from "./collect_artifacts.ts";

/** A cluster of one node, and a folder for its artifacts. */
interface Place extends AsyncDisposable {
  readonly node: Node;
  readonly folder: string;
}

async function place(backend: Backend = local()): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "clustertest-artifacts-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const cluster = stack.use(await Cluster.create(backend, { progress: false }));
  const node = await cluster.addNode();
  const moved = stack.move();
  return { node, folder, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** Collects from a node; resolves to what the event of it says. */
async function collect(
  { node, folder }: Place,
  patterns: readonly string[],
  options: Partial<Collection> = {},
): Promise<CollectedArtifacts | undefined> {
  const events: EventDetail[] = [];
  await collectArtifacts({
    ...{ nodes: [node], patterns, size: 1_000_000, timeout: 30_000 },
    makeFolder: () => folder,
    emit: (event) => events.push(event),
    ...options,
  });
  const [event, ...others] = events;
  deepStrictEqual(others, []);
  return event?.type === "artifacts-collected" ? event : undefined;
}

/** The files below a folder, by their paths. */
async function filesBelow(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const look = async (dir: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(dir)) {
      const path = join(dir, name);
      if (isDirectory) await look(path);
      else found[relative(folder, path)] = await Deno.readTextFile(path);
    }
  };
  await look(folder);
  return found;
}

Deno.test("collectArtifacts() brings the files that patterns mean, each once", async () => {
  await using there = await place();
  const names = [
    "data/a.log",
    "data/b.txt",
    "data/deep/er/c.log",
    "data/.hidden.log",
    "other/d.log",
  ];
  for (const name of names) await there.node.writeTextFile(name, name);
  const found = await collect(there, [
    "data/*.log",
    "**/c.log",
    "data/a.log",
    "other",
    "missing/*",
  ]);
  const expected = ["data/a.log", "data/deep/er/c.log", "data/.hidden.log", "other/d.log"];
  deepStrictEqual(
    await filesBelow(there.folder),
    Object.fromEntries(expected.map((name) => [`node1/${name}`, name])),
  );
  strictEqual(found?.files, expected.length);
  strictEqual(found.bytes, expected.join("").length);
  deepStrictEqual(found.errors, []);
  strictEqual(found.folder, join(there.folder, "node1"));
});

Deno.test("collectArtifacts() says nothing of a node that has none of the files", async () => {
  await using there = await place();
  strictEqual(await collect(there, ["*.log", "a/**"]), undefined);
  deepStrictEqual(await filesBelow(there.folder), {});
});

Deno.test("collectArtifacts() resolves to the patterns that match nothing on any node", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const [one, other] = await cluster.addNodes(2);
  await one.writeTextFile("one.log", "1");
  await other.writeTextFile("other.log", "2");
  await other.symlink("/etc/passwd", "passwd");
  const folder = await Deno.makeTempDir({ prefix: "clustertest-artifacts-" });
  const patterns = ["one.log", "*.log", "other.log", "none/*.log", "passwd", "/no/such/file"];
  const collection: Collection = {
    ...{ nodes: [one, other], patterns, size: 1_000 },
    ...{ makeFolder: () => folder, emit: () => {} },
  };
  // Of the last two there are errors.
  deepStrictEqual(await collectArtifacts(collection), ["none/*.log"]);
  // Nobody knows what a node has that does not answer.
  const openFiles = (node: Node) =>
    node === one ? Promise.reject(new Error("it is away")) : Promise.resolve({
      files: insidesOf(node).host.files,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  deepStrictEqual(await collectArtifacts({ ...collection, openFiles }), []);
  deepStrictEqual(await collectArtifacts({ ...collection, nodes: [] }), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("collectArtifacts() follows no links, and takes nothing but files", async () => {
  await using there = await place();
  const { node } = there;
  await node.writeTextFile("data/inner/a.log", "mine");
  await node.symlink("/etc", "data/etc");
  await node.symlink("/etc/passwd", "data/passwd.log");
  await node.run("mkfifo", ["data/pipe.log"]);
  const found = await collect(there, ["data/**", "data/*.log", "data/etc/passwd", "**/passwd"]);
  deepStrictEqual(await filesBelow(there.folder), { "node1/data/inner/a.log": "mine" });
  deepStrictEqual(found!.errors.map((error) => error.replace(node.rootDir, "")), [
    "/data/passwd.log is a symbolic link, which is not followed",
    "/data/etc is a symbolic link, which is not followed",
  ]);
});

Deno.test("collectArtifacts() takes small files, and the beginning and the end of large ones", async () => {
  await using there = await place();
  await there.node.writeTextFile("a.log", `the beginning${"x".repeat(10_000)}the end`);
  await there.node.writeTextFile("b.log", "b".repeat(30));
  const found = await collect(there, ["*.log"], { size: 100 });
  const files = await filesBelow(there.folder);
  strictEqual(files["node1/b.log"], "b".repeat(30));
  match(
    files["node1/a.log"]!,
    /^the beginningx{22}\n\[clustertest: 9950 bytes are missing here\]\nx{28}the end$/,
  );
  strictEqual(found?.bytes, 100);
  deepStrictEqual(found.errors, [
    `${there.node.rootDir}/a.log is too large: its beginning and its end were taken, without 9950 bytes`,
  ]);
});

Deno.test("collectArtifacts() shares the size between large files, whatever their names", async () => {
  await using there = await place();
  for (const name of ["a", "b", "c"]) await there.node.writeTextFile(name, name.repeat(9_000));
  const found = await collect(there, ["*"], { size: 300 });
  strictEqual(found?.files, 3);
  strictEqual(found.bytes, 300);
  const files = await filesBelow(there.folder);
  for (const name of ["a", "b", "c"]) {
    strictEqual(files[`node1/${name}`]!.match(new RegExp(`${name}{50}`, "g"))?.length, 2);
  }
});

for (const backend of [local(), loopback()]) {
  Deno.test(`collectArtifacts() takes the data of preallocated files of ${backend.name}, not their zeros`, async () => {
    await using there = await place(backend);
    const MiB = 1024 ** 2;
    // As a write-ahead log is: data, some of them behind a hole, and zeros up to its end.
    const script = `printf 'first' > wal && truncate -s 3M wal && printf 'second' >> wal &&
      head -c 8000000 /dev/zero >> wal && truncate -s 16M wal`;
    await there.node.run("sh", ["-c", script]);
    // Neither its size nor its zeros count: it exceeds the size that there is, and is whole.
    const found = await collect(there, ["wal"], { size: 100_000 });
    deepStrictEqual(found?.errors, []);
    const path = join(there.folder, "node1/wal");
    const [copy, original] = [await Deno.readFile(path), await there.node.readFile("wal")];
    strictEqual(copy.length, 16 * MiB);
    ok(copy.every((byte, i) => byte === original[i]));
    ok(found.bytes < 10_000);
    ok((await Deno.stat(path)).blocks! * 512 < 100_000);
  });
}

Deno.test("collectArtifacts() takes the last data of a preallocated file that has too many", async () => {
  await using there = await place();
  const script = `{ printf begin; head -c 1000000 /dev/zero | tr '\\0' x; printf end; } > wal &&
    truncate -s 16M wal`;
  await there.node.run("sh", ["-c", script]);
  const found = await collect(there, ["wal"], { size: 2_000 });
  const { "node1/wal": wal } = await filesBelow(there.folder);
  match(
    wal!,
    /^beginx{995}\n\[clustertest: 998008 bytes are missing here\]\nx{997}end\0+$/,
  );
  strictEqual(found?.bytes, 2_000);
  ok((await Deno.stat(join(there.folder, "node1/wal"))).blocks! * 512 < 100_000);
});

Deno.test("collectArtifacts() goes on where a file cannot be had, and says why", async () => {
  await using there = await place();
  await there.node.writeTextFile("a.log", "a");
  await there.node.writeTextFile("b.log", "b");
  const blocked = join(there.folder, "blocked");
  await Deno.writeTextFile(blocked, "");
  const found = await collect(there, ["*.log"], { makeFolder: () => blocked });
  strictEqual(found?.files, 0);
  strictEqual(found.errors.length, 2);
  const none = await collect(there, ["*.log"], { makeFolder: () => undefined });
  deepStrictEqual(none?.errors, ["the run is not recorded"]);
});

Deno.test("collectArtifacts() leaves a node that does not answer when its time is over", async () => {
  await using there = await place();
  await there.node.writeTextFile("a.log", "a");
  const files = {
    call: () => new Promise<never>(() => {}),
  } as unknown as HostFiles;
  const openFiles = () =>
    Promise.resolve({ files, [Symbol.asyncDispose]: () => Promise.resolve() });
  const found = await collect(there, ["*.log"], { timeout: 20, openFiles });
  deepStrictEqual(found?.errors, ["it took more than 20 ms"]);
});
