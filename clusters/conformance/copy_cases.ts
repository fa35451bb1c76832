import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { Cluster } from "../cluster/mod.ts";
import { NodeDownError, NodeLostError } from "../errors.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase, Scene } from "./conformance_case.ts";
import { describeTree, makeTree } from "./local_tree.ts";
import { assertPattern, patternStream } from "./pattern.ts";
import { untilWritten } from "./until_written.ts";

/** Bytes of a file that takes no room, and more time than a case has. */
const ENDLESS = 4 * 1024 ** 3;

const modeOf = async (node: Node, path: string) => (await node.lstat(path)).mode! & 0o7777;

/** Makes a file of which a copy is not complete before a case has ended it. */
async function makeEndless(node: Node, path: string): Promise<void> {
  await node.writeFile(path, new Uint8Array([1]));
  await using file = await node.open(path, { write: true });
  await file.truncate(ENDLESS);
}

/** What a cluster tells of content that is copied, from now on: a line each. */
function copiesIn({ events }: Cluster): Disposable & { readonly seen: string[] } {
  const seen: string[] = [];
  const subscription = events.subscribe((event) => {
    if (event.type !== "content-moved" || event.member !== "copyTo") return;
    const { node, path, other, bytes, error = "done" } = event;
    seen.push(`${node} ${path} ${other} ${bytes} ${error}`);
  });
  return { seen, [Symbol.dispose]: () => subscription[Symbol.dispose]() };
}

/** Copies from a node that `end` ends in the midst, and then to one; each time that is what fails. */
async function failBoth(
  { cluster, node, dir }: Scene,
  end: (victim: Node, copying: Promise<void>) => Promise<NodeDownError | NodeLostError>,
): Promise<void> {
  await makeEndless(node, `${dir}/from/file`);
  for (const ended of ["source", "target"] as const) {
    await using victim = await cluster.addNode();
    if (ended === "source") await makeEndless(victim, `${dir}/from/file`);
    const [from, to] = ended === "source" ? [victim, node] : [node, victim];
    const target = `${dir}/${ended}`;
    await to.mkdir(target, { recursive: true });
    const copying = from.copyTo(`${dir}/from`, to, target);
    copying.catch(() => {}); // `end` looks at it.
    await untilWritten(to, target);
    const error = await end(victim, copying);
    strictEqual(error.node, victim.name);
    strictEqual(error.call, `node.copyTo("${from.name}:${dir}/from", "${to.name}:${target}")`);
    ok((await node.hostname()).length > 0);
    const again = from.copyTo(`${dir}/from`, to, target);
    await rejects(again, (late: Error) => late.constructor === error.constructor);
  }
}

/** Files and folders that go from node to node. */
export const copyCases: readonly ConformanceCase[] = [
  {
    name: "copyTo() takes a file to another node, with its permissions, and replaces what is there",
    async run({ node, peer, dir }) {
      await node.writeFile(`${dir}/program`, patternStream(3_000_000), { mode: 0o750 });
      await peer.writeTextFile(`${dir}/new/copy`, "x".repeat(4_000_000), { mode: 0o444 });
      await node.copyTo(`${dir}/program`, peer, `${dir}/new/copy`);
      strictEqual(await modeOf(peer, `${dir}/new/copy`), 0o750);
      await assertPattern((await peer.open(`${dir}/new/copy`)).readable, 3_000_000);
      await node.writeTextFile(`${dir}/nothing`, "");
      await node.copyTo(`${dir}/nothing`, peer, `${dir}/made/below/nothing`);
      strictEqual((await peer.stat(`${dir}/made/below/nothing`)).size, 0);
    },
  },
  {
    name: "copyTo() takes a folder with all that is in it, and leaves alone what else is there",
    async run({ node, peer, dir, localDir }) {
      const [tree, back] = [join(localDir, "tree"), join(localDir, "back")];
      await makeTree(tree);
      await node.upload(tree, `${dir}/tree`);
      await node.copyTo(`${dir}/tree`, peer, `${dir}/copy`);
      await peer.download(`${dir}/copy`, back);
      deepStrictEqual(await describeTree(back), await describeTree(tree));
      await peer.writeTextFile(`${dir}/copy/older`, "kept");
      await node.copyTo(`${dir}/tree`, peer, `${dir}/copy`);
      strictEqual(await peer.readTextFile(`${dir}/copy/older`), "kept");
    },
  },
  {
    name: "copyTo() keeps hard links and holes",
    async run({ node, peer, dir, localDir }) {
      await Deno.writeTextFile(join(localDir, "one"), "content", { mode: 0o444 });
      await Deno.link(join(localDir, "one"), join(localDir, "two"));
      await node.upload(localDir, `${dir}/tree`);
      {
        await using sparse = await node.create(`${dir}/tree/sparse`);
        await sparse.write(new TextEncoder().encode("begin"));
        await sparse.truncate(10_000_000);
      }
      await node.copyTo(`${dir}/tree`, peer, `${dir}/tree`);
      await node.copyTo(`${dir}/tree/sparse`, peer, `${dir}/sparse`);
      const [one, two] = [await peer.stat(`${dir}/tree/one`), await peer.stat(`${dir}/tree/two`)];
      strictEqual(one.ino, two.ino);
      // How much a hole takes is up to file systems; where the first node's has some, so has the copy.
      const taken = async (on: Node, path: string) => (await on.stat(path)).blocks! * 512;
      for (const path of [`${dir}/tree/sparse`, `${dir}/sparse`]) {
        strictEqual((await peer.stat(path)).size, 10_000_000);
        if (await taken(node, `${dir}/tree/sparse`) > 1_000_000) continue;
        ok(await taken(peer, path) < 1_000_000, path);
      }
    },
  },
  {
    name: "copyTo() leaves setuid, setgid and sticky bits, unless they are wanted",
    async run({ node, peer, dir }) {
      await node.writeTextFile(`${dir}/tree/program`, "#!/bin/sh");
      await node.chmod(`${dir}/tree/program`, 0o6755);
      await node.chmod(`${dir}/tree`, 0o1777);
      for (const keep of [false, true]) {
        const options = { dangerouslyKeepSpecialModes: keep };
        await node.copyTo(`${dir}/tree`, peer, `${dir}/tree-${keep}`, options);
        await node.copyTo(`${dir}/tree/program`, peer, `${dir}/file-${keep}`, options);
        const paths = [`tree-${keep}`, `tree-${keep}/program`, `file-${keep}`];
        const modes = await Promise.all(paths.map((path) => modeOf(peer, `${dir}/${path}`)));
        deepStrictEqual(modes, keep ? [0o1777, 0o6755, 0o6755] : [0o777, 0o755, 0o755]);
      }
    },
  },
  {
    name: "copyTo() copies to another place on the same node",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/tree/deep/file`, "content");
      await node.copyTo(`${dir}/tree`, node, `${dir}/copy`);
      strictEqual(await node.readTextFile(`${dir}/copy/deep/file`), "content");
      await node.copyTo(`${dir}/tree/deep/file`, node, `${dir}/tree/file`);
      strictEqual(await node.readTextFile(`${dir}/tree/file`), "content");
      // A name that only begins alike is another one.
      await node.copyTo(`${dir}/tree`, node, `${dir}/tree-2`);
      strictEqual(await node.readTextFile(`${dir}/tree-2/deep/file`), "content");
    },
  },
  {
    name: "copyTo() refuses to copy something onto itself, or into itself, by whatever name",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/tree/file`, "content");
      await node.symlink("tree", `${dir}/link`);
      await node.symlink("file", `${dir}/tree/alias`);
      const isRefused = (error: unknown) => error instanceof Deno.errors.InvalidData;
      const pairs = [
        ["tree/file", "tree/file"],
        ["tree/file", "link/file"],
        ["tree/file", "tree/alias"],
        ["tree/alias", "tree/./file"],
        ["tree", "link"],
        ["tree", "tree/below"],
        ["link", "tree/be/low"],
        ["tree", "link/../tree/below"],
      ];
      for (const [path, other] of pairs) {
        const copying = node.copyTo(`${dir}/${path}`, node, `${dir}/${other}`);
        await rejects(copying, isRefused, `${path} to ${other}`);
      }
      strictEqual(await node.readTextFile(`${dir}/tree/file`), "content");
      const names = (await Array.fromAsync(node.readDir(`${dir}/tree`))).map(({ name }) => name);
      deepStrictEqual(names.sort(), ["alias", "file"]);
    },
  },
  {
    name:
      "copyTo() names both nodes when it fails, and says of which one it is; nothing is changed",
    async run({ node, peer, dir }) {
      const failure = (from: string, to: string) =>
        node.copyTo(`${dir}/${from}`, peer, `${dir}/${to}`).then(
          () => new Error("none"),
          (error: Error) => error,
        );
      const missing = await failure("missing", "copy");
      ok(missing instanceof Deno.errors.NotFound, String(missing));
      const what = `Cannot copy "${node.name}:${dir}/missing" to "${peer.name}:${dir}/copy": `;
      ok(missing.message.startsWith(what), missing.message);
      ok(missing.message.endsWith(`(node "${node.name}" on ${node.backend})`), missing.message);
      ok(!missing.message.includes(`(node "${peer.name}"`), missing.message);
      ok(missing.stack!.includes("copy_cases.ts"), missing.stack);
      await rejects(peer.lstat(`${dir}/copy`), Deno.errors.NotFound);
      await node.writeTextFile(`${dir}/tree/a/file/below`, "");
      await node.writeTextFile(`${dir}/tree/a/first`, "new");
      await peer.writeTextFile(`${dir}/there/a/file`, "a file");
      const inTheWay = await failure("tree", "there");
      match(inTheWay.message, /"a\/file" .*: a file is in the way of a folder/);
      ok(inTheWay.message.endsWith(`(node "${peer.name}" on ${peer.backend})`), inTheWay.message);
      ok(!inTheWay.message.includes(`(node "${node.name}"`), inTheWay.message);
      await rejects(peer.lstat(`${dir}/there/a/first`), Deno.errors.NotFound);
      const notANode = node.copyTo(`${dir}/tree`, "peer" as unknown as Node, "x");
      await rejects(notANode, { name: "TypeError", message: /to String: it is no node/ });
    },
  },
  {
    name: "copyTo() goes to a node of another cluster; both clusters are told of it",
    async run({ cluster, node, dir, newCluster }) {
      await using other = await newCluster();
      const there = await other.addNode({ name: "there" });
      using here = copiesIn(cluster);
      using elsewhere = copiesIn(other);
      await node.writeTextFile(`${dir}/file`, "123");
      await node.copyTo(`${dir}/file`, there, "copy");
      await node.copyTo(`${dir}/file`, node, `${dir}/copy`);
      strictEqual(await there.readTextFile("copy"), "123");
      deepStrictEqual(here.seen, [
        `${node.name} ${dir}/file there:copy 3 done`,
        `${node.name} ${dir}/file ${node.name}:${dir}/copy 3 done`,
      ]);
      deepStrictEqual(elsewhere.seen, [`there copy ${node.name}:${dir}/file 3 done`]);
    },
  },
  {
    name: "copyTo() rejects with its signal's reason in the middle, and stops",
    async run({ node, peer, dir }) {
      await makeEndless(node, `${dir}/from/file`);
      for (const path of ["from", "from/file"]) {
        const controller = new AbortController();
        const { signal } = controller;
        const target = `${dir}/${path === "from" ? "tree" : "single/file"}`;
        const copying = node.copyTo(`${dir}/${path}`, peer, target, { signal });
        const reason = new Error("enough");
        const aborted = rejects(copying, (error) => error === reason);
        const folder = path === "from" ? target : `${dir}/single`;
        await peer.mkdir(folder, { recursive: true });
        await untilWritten(peer, folder);
        controller.abort(reason);
        await aborted;
      }
      ok((await node.hostname()).length > 0 && (await peer.hostname()).length > 0);
    },
  },
  {
    name: "copyTo() fails at once, with NodeLostError, when either node is given back",
    run: (scene) =>
      failBoth(scene, async (victim, copying) => {
        const ended = copying.catch((error) => error);
        await victim.destroy();
        const error = await ended;
        ok(error instanceof NodeLostError, String(error));
        return error;
      }),
  },
  {
    name: "copyTo() fails at once when either node is killed, and says which",
    abilities: ["kill"],
    run: (scene) =>
      failBoth(scene, async (victim, copying) => {
        const ended = copying.catch((error) => error);
        await victim.kill();
        const error = await ended;
        ok(error instanceof NodeDownError || error instanceof NodeLostError, String(error));
        return error;
      }),
  },
];
