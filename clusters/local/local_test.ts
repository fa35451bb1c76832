import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join, relative } from "node:path";
import { Cluster } from "../cluster/cluster.ts";
import { NodeLostError } from "../errors.ts";
import type { Node } from "../node/node.ts";
import { local } from "./backend.ts";
import type { LocalOptions } from "./mod.ts";

/** A node, and a folder of this machine that is none of its business. */
interface Scene extends AsyncDisposable {
  readonly node: Node;
  readonly outside: string;
}

async function makeScene(options?: LocalOptions): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const outside = await Deno.makeTempDir({ prefix: "clustertest-outside-" });
  stack.defer(() => Deno.remove(outside, { recursive: true }));
  await Deno.mkdir(join(outside, "folder"));
  await Deno.writeTextFile(join(outside, "file"), "theirs", { mode: 0o600 });
  const cluster = stack.use(await Cluster.create(local(options)));
  const node = await cluster.addNode();
  await node.writeTextFile("mine", "mine");
  await node.symlink(outside, "link");
  await node.symlink(join(outside, "file"), "link-to-file");
  await node.symlink(join(outside, "missing"), "dangling");
  const all = stack.move();
  return { node, outside, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** All that is in a folder: paths, modes, contents. */
async function listing(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const lines = await Promise.all(entries.map(async ({ name, isDirectory }) => {
    const path = join(folder, name);
    const { mode } = await Deno.lstat(path);
    const content = isDirectory ? (await listing(path)).join() : await Deno.readTextFile(path);
    return `${name} ${mode?.toString(8)} ${content}`;
  }));
  return lines.sort();
}

/** Everything that changes a folder, which has a file and a folder. */
const CHANGES: Record<string, (node: Node, folder: string) => Promise<unknown>> = {
  "writeTextFile() of a new file": (node, folder) => node.writeTextFile(`${folder}/new`, "new"),
  "writeTextFile() in a new folder": (node, folder) => node.writeTextFile(`${folder}/a/b`, "new"),
  "writeTextFile()": (node, folder) => node.writeTextFile(`${folder}/file`, "mine"),
  "writeTextFile() at the end": (node, folder) =>
    node.writeTextFile(`${folder}/file`, "mine", { append: true }),
  "open()": (node, folder) => node.open(`${folder}/file`, { write: true }),
  "create()": (node, folder) => node.create(`${folder}/file`),
  "mkdir()": (node, folder) => node.mkdir(`${folder}/new`),
  "rename() from there": (node, folder) => node.rename(`${folder}/file`, "taken"),
  "rename() to there": (node, folder) => node.rename("mine", `${folder}/file`),
  "copyFile()": (node, folder) => node.copyFile("mine", `${folder}/file`),
  "remove() of a file": (node, folder) => node.remove(`${folder}/file`),
  "remove() of a folder": (node, folder) => node.remove(`${folder}/folder`, { recursive: true }),
  "chmod()": (node, folder) => node.chmod(`${folder}/file`, 0o777),
  "symlink()": (node, folder) => node.symlink("mine", `${folder}/new`),
  "makeTempFile()": (node, folder) => node.makeTempFile({ dir: folder }),
  "makeTempDir()": (node, folder) => node.makeTempDir({ dir: `${folder}/folder` }),
  "upload() of a file": (node, folder) => node.upload(join(node.rootDir, "mine"), `${folder}/new`),
  "upload() of a folder": (node, folder) => node.upload(node.rootDir, `${folder}/folder`),
  "downloadUrl()": (node, folder) => node.downloadUrl("http://127.0.0.1:1/", `${folder}/file`),
  "an output of run()": (node, folder) =>
    node.run("echo", ["mine"], { stdout: { file: `${folder}/file` } }),
};

Deno.test("a local node refuses to change what is outside of its folder", async (test) => {
  await using scene = await makeScene();
  const { node, outside } = scene;
  const before = await listing(outside);
  const ways = {
    "an absolute path": outside,
    "a path with ..": relative(node.rootDir, outside),
    "a path that goes back": `./.tmp/../../${relative(join(node.rootDir, ".."), outside)}`,
    "a symbolic link": "link",
    "a symbolic link and ..": "link/folder/..",
  };
  for (const [way, folder] of Object.entries(ways)) {
    await test.step(`by ${way}`, async () => {
      for (const [change, make] of Object.entries(CHANGES)) {
        await rejects(make(node, folder), Deno.errors.PermissionDenied, change);
        deepStrictEqual(await listing(outside), before, change);
      }
    });
  }
});

Deno.test("a local node refuses to write through a link to a file outside", async () => {
  await using scene = await makeScene();
  const { node, outside } = scene;
  const before = await listing(outside);
  for (const link of ["link-to-file", "dangling"]) {
    const writes = [
      () => node.writeTextFile(link, "mine"),
      () => node.create(link),
      () => node.copyFile("mine", link),
      () => node.chmod(link, 0o777),
      () => node.run("echo", ["mine"], { stdout: { file: link } }),
    ];
    for (const write of writes) await rejects(write(), Deno.errors.PermissionDenied);
  }
  deepStrictEqual(await listing(outside), before);
  // The links themselves are the node's own.
  await node.rename("link-to-file", "other");
  await node.remove("other");
  await node.remove("link");
  deepStrictEqual(await listing(outside), before);
});

Deno.test("a local node refuses to give up its own folder, and reads what is outside", async () => {
  await using scene = await makeScene();
  const { node, outside } = scene;
  const ownFolder = (error: Error) =>
    error instanceof Deno.errors.PermissionDenied && /it is the node's own/.test(error.message);
  for (const root of [node.rootDir, ".", ".tmp/.."]) {
    await rejects(node.remove(root, { recursive: true }), ownFolder);
    await rejects(node.rename(root, "elsewhere"), ownFolder);
  }
  strictEqual(await node.readTextFile(join(outside, "file")), "theirs");
  await node.copyFile(join(outside, "file"), "copy");
  strictEqual(await node.readTextFile("copy"), "theirs");
});

Deno.test("a local node refuses to change a device, and writes to those that hold nothing", async () => {
  await using scene = await makeScene();
  const { node } = scene;
  // Its own mode, with which nothing would be changed if this were not refused.
  const mode = (await Deno.stat("/dev/null")).mode! & 0o7777;
  const changes = [
    () => node.chmod("/dev/null", mode),
    () => node.copyFile("mine", "/dev/null"),
    () => node.upload(node.rootDir, "/dev/null"),
    () => node.makeTempFile({ dir: "/dev/null" }),
  ];
  for (const change of changes) await rejects(change(), Deno.errors.PermissionDenied);
  await node.writeTextFile("/dev/null", "content", { mode });
  await node.chmod("mine", mode);
  await node.upload(join(node.rootDir, "mine"), "/dev/null");
  await node.run("echo", ["output"], { stdout: { file: "/dev/null" } });
});

Deno.test("a mode changes no pipe that content is written to", async () => {
  await using scene = await makeScene();
  const { node } = scene;
  // Stands for a device, which a test had better not try to change.
  const pipe = join(node.rootDir, "pipe");
  await node.run("mkfifo", ["-m", "600", pipe]);
  const writes = [
    () => node.writeTextFile("pipe", "mine", { mode: 0o640 }),
    () => node.upload(join(node.rootDir, "mine"), "pipe"),
    () => node.download("mine", pipe),
  ];
  await node.chmod("mine", 0o640);
  for (const write of writes) {
    const [{ stdout }] = await Promise.all([node.run("cat", [pipe]), write()]);
    strictEqual(stdout, "mine");
    strictEqual((await Deno.stat(pipe)).mode! & 0o777, 0o600);
  }
});

Deno.test("a local node changes what is outside when that is allowed", async () => {
  await using scene = await makeScene({ dangerouslyAllowHostPaths: true });
  const { node, outside } = scene;
  await node.writeTextFile(join(outside, "file"), "ours");
  strictEqual(await Deno.readTextFile(join(outside, "file")), "ours");
  await node.mkdir(`${relative(node.rootDir, outside)}/new`);
  ok((await Deno.stat(join(outside, "new"))).isDirectory);
  await node.remove("link/file");
  await rejects(Deno.stat(join(outside, "file")), Deno.errors.NotFound);
});

Deno.test("processes of a local node have its folder, and nothing of the runner's but PATH", async () => {
  const secret = "CLUSTERTEST_TEST_SECRET_ACCESS_KEY";
  Deno.env.set(secret, "not for nodes");
  try {
    await using scene = await makeScene();
    const { node } = scene;
    const { stdout } = await node.run("env");
    const env = new Map(
      stdout.trimEnd().split("\n").map((line) => line.split(/=(.*)/s) as [string, string]),
    );
    strictEqual(env.get(secret), undefined);
    strictEqual(env.get("PATH"), Deno.env.get("PATH"));
    for (const folder of ["HOME", "TMPDIR"]) {
      const path = env.get(folder) ?? "";
      ok(path === node.rootDir || path.startsWith(`${node.rootDir}/`), `${folder} is "${path}"`);
      ok((await Deno.stat(path)).isDirectory);
    }
    const known = /^(PATH|LANG|LC_ALL|TZ|HOME|TMPDIR|PWD|SHLVL|_|CLUSTERTEST_(RUN|NODE|ADDRESS))$/;
    deepStrictEqual([...env.keys()].filter((name) => !known.test(name)), []);
  } finally {
    Deno.env.delete(secret);
  }
});

Deno.test("a local node whose folder is removed while it is down is lost by start(), and can be given back", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  await node.kill();
  await Deno.remove(node.rootDir, { recursive: true });
  await rejects(node.start(), (error) => {
    ok(error instanceof NodeLostError);
    match(
      error.message,
      /^Cannot complete node\.start\(\): .*did not come up again: .*No such file/,
    );
    return true;
  });
  deepStrictEqual(cluster.nodes, []);
  await node.destroy();
});
