import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ConformanceCase } from "./conformance_case.ts";
import { HttpService } from "./http_service.ts";
import { makeLocalPipe } from "./local_pipe.ts";
import { describeTree, makeTree } from "./local_tree.ts";
import { assertPattern, patternStream } from "./pattern.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Files and folders that go from one machine to another. */
export const transferCases: readonly ConformanceCase[] = [
  {
    name: "upload() and download() take a file, with its permissions",
    async run({ node, dir, localDir }) {
      const local = join(localDir, "program");
      await Deno.writeFile(local, patternStream(3_000_000), { mode: 0o750 });
      await node.upload(local, `${dir}/new/program`);
      strictEqual((await node.stat(`${dir}/new/program`)).mode! & 0o777, 0o750);
      await node.download(`${dir}/new/program`, join(localDir, "back/program"));
      const back = await Deno.open(join(localDir, "back/program"));
      strictEqual((await back.stat()).mode! & 0o777, 0o750);
      await assertPattern(back.readable, 3_000_000);
    },
  },
  {
    name: "upload() and download() are given up although nobody opens the other end of their pipe",
    async run({ node, dir, localDir }) {
      const pipe = join(localDir, "pipe");
      await makeLocalPipe(pipe);
      await node.writeTextFile(`${dir}/file`, "content");
      const reason = new Error("given up");
      for (const move of ["upload", "download"] as const) {
        const controller = new AbortController();
        const options = { signal: controller.signal };
        const moving = move === "upload"
          ? node.upload(pipe, `${dir}/new`, options)
          : node.download(`${dir}/file`, pipe, options);
        const ended = rejects(moving, (error) => error === reason);
        await new Promise((go) => setTimeout(go, 50));
        controller.abort(reason);
        await ended;
      }
    },
  },
  {
    name: "upload() and download() take a folder: names, permissions, links and all",
    async run({ node, dir, localDir }) {
      await makeTree(join(localDir, "tree"));
      await node.upload(join(localDir, "tree"), `${dir}/there`);
      strictEqual(await node.readLink(`${dir}/there/dangling`), "no/such/thing");
      strictEqual((await node.stat(`${dir}/there/program`)).mode! & 0o777, 0o755);
      await node.download(`${dir}/there`, join(localDir, "back"));
      deepStrictEqual(
        await describeTree(join(localDir, "back")),
        await describeTree(join(localDir, "tree")),
      );
    },
  },
  {
    name: "upload() of a folder leaves alone what else is at its target",
    async run({ node, dir, localDir }) {
      await Deno.writeTextFile(join(localDir, "new"), "new");
      await node.writeTextFile(`${dir}/there/old`, "old");
      await node.writeTextFile(`${dir}/there/new`, "previous");
      await node.upload(localDir, `${dir}/there`);
      strictEqual(await node.readTextFile(`${dir}/there/old`), "old");
      strictEqual(await node.readTextFile(`${dir}/there/new`), "new");
    },
  },
  {
    name: "a folder of a thousand files goes there and back",
    async run({ node, dir, localDir }) {
      const files = Array.from({ length: 1_000 }, (_, i) => [`${i % 10}`, `${i}`] as const);
      for (let i = 0; i < 10; i++) {
        await Deno.mkdir(join(localDir, "tree", `${i}`), { recursive: true });
      }
      await Promise.all(
        files.map(([folder, name]) =>
          Deno.writeTextFile(join(localDir, "tree", folder, name), `content of ${name}`)
        ),
      );
      await node.upload(join(localDir, "tree"), `${dir}/tree`);
      await node.download(`${dir}/tree`, join(localDir, "back"));
      deepStrictEqual(
        await describeTree(join(localDir, "back")),
        await describeTree(join(localDir, "tree")),
      );
    },
  },
  {
    name: "upload() of a folder says so when there is something else at its place",
    async run({ node, dir, localDir }) {
      await makeTree(localDir);
      await node.writeTextFile(`${dir}/taken`, "");
      await rejects(node.upload(localDir, `${dir}/taken`), /[Ee]xists|[Nn]ot a directory/);
    },
  },
  {
    name: "upload() of a folder that does not fit changes nothing",
    async run({ node, dir, localDir }) {
      await Deno.mkdir(join(localDir, "tree/a/file/below"), { recursive: true });
      await Deno.writeTextFile(join(localDir, "tree/a/first"), "new");
      await node.writeTextFile(`${dir}/there/a/file`, "a file");
      const uploading = node.upload(join(localDir, "tree"), `${dir}/there`);
      await rejects(uploading, /"a\/file" .*: a file is in the way of a folder/);
      await rejects(node.lstat(`${dir}/there/a/first`), Deno.errors.NotFound);
      await node.upload(join(localDir, "tree/a/file"), `${dir}/there/b/full`);
      await Deno.writeTextFile(join(localDir, "full"), "new");
      await rejects(node.upload(localDir, `${dir}/there/b`), /a folder that is not empty/);
      await rejects(node.lstat(`${dir}/there/b/tree`), Deno.errors.NotFound);
    },
  },
  {
    name: "upload() of a folder follows links to folders that are there, and no others",
    async run({ node, dir, localDir }) {
      await node.mkdir(`${dir}/root/usr/lib`, { recursive: true });
      await node.symlink("usr/lib", `${dir}/root/lib`);
      await Deno.mkdir(join(localDir, "lib/deep"), { recursive: true });
      await Deno.writeTextFile(join(localDir, "lib/deep/file"), "content");
      await node.upload(localDir, `${dir}/root`);
      strictEqual(await node.readTextFile(`${dir}/root/usr/lib/deep/file`), "content");
      strictEqual(await node.readLink(`${dir}/root/lib`), "usr/lib");
      await node.symlink("nowhere", `${dir}/root/dangling`);
      await Deno.mkdir(join(localDir, "dangling"));
      await Deno.writeTextFile(join(localDir, "an early name"), "new");
      await rejects(node.upload(localDir, `${dir}/root`));
      await rejects(node.lstat(`${dir}/root/an early name`), Deno.errors.NotFound);
    },
  },
  {
    name: "download() of a folder follows no link, which a node may have made",
    async run({ node, dir, localDir }) {
      await node.writeTextFile(`${dir}/tree/a/file`, "content");
      await Deno.mkdir(join(localDir, "there"));
      await Deno.mkdir(join(localDir, "elsewhere"));
      await Deno.symlink("../elsewhere", join(localDir, "there/a"));
      await rejects(node.download(`${dir}/tree`, join(localDir, "there")), /symbolic link/);
      deepStrictEqual([...Deno.readDirSync(join(localDir, "elsewhere"))], []);
    },
  },
  {
    name: "download() leaves setuid, setgid and sticky bits on the node, unless they are wanted",
    async run({ node, dir, localDir }) {
      await node.mkdir(`${dir}/tree`);
      await node.writeTextFile(`${dir}/tree/program`, "#!/bin/sh");
      await node.chmod(`${dir}/tree/program`, 0o6755);
      await node.chmod(`${dir}/tree`, 0o1777);
      for (const keep of [false, true]) {
        const options = { dangerouslyKeepSpecialModes: keep };
        const [tree, single] = [join(localDir, `tree-${keep}`), join(localDir, `file-${keep}`)];
        await node.download(`${dir}/tree`, tree, options);
        await node.download(`${dir}/tree/program`, single, options);
        const modes = [tree, join(tree, "program"), single]
          .map((path) => Deno.lstatSync(path).mode! & 0o7777);
        deepStrictEqual(modes, keep ? [0o1777, 0o6755, 0o6755] : [0o777, 0o755, 0o755]);
      }
    },
  },
  {
    name: "upload() and download() keep hard links, and holes, and may be done again",
    async run({ node, dir, localDir }) {
      const [tree, back] = [join(localDir, "tree"), join(localDir, "back")];
      await Deno.mkdir(tree);
      await Deno.writeTextFile(join(tree, "one"), "content", { mode: 0o444 });
      await Deno.link(join(tree, "one"), join(tree, "two"));
      await Deno.writeTextFile(join(tree, "sparse"), "begin");
      await Deno.truncate(join(tree, "sparse"), 10_000_000);
      await Deno.chmod(tree, 0o555);
      for (let time = 0; time < 2; time++) {
        await node.upload(tree, `${dir}/tree`);
        await node.download(`${dir}/tree`, back);
        await node.upload(join(tree, "one"), `${dir}/one`);
        await node.download(`${dir}/one`, join(localDir, "one"));
        await node.upload(join(tree, "sparse"), `${dir}/sparse`);
      }
      const [one, two] = ["one", "two"].map((name) => Deno.lstatSync(join(back, name)).ino);
      strictEqual(one, two);
      strictEqual(await Deno.readTextFile(join(localDir, "one")), "content");
      const content = await node.readFile(`${dir}/sparse`);
      strictEqual(content.length, 10_000_000);
      strictEqual(new TextDecoder().decode(content.subarray(0, 6)), "begin\0");
      // How much a hole takes is up to file systems; where the test's has some, it is taken for one.
      const taken = async (info: Promise<Deno.FileInfo>) => (await info).blocks! * 512;
      if (await taken(Deno.stat(join(tree, "sparse"))) < 1_000_000) {
        ok(await taken(node.stat(`${dir}/sparse`)) < 1_000_000);
        ok(await taken(node.stat(`${dir}/tree/sparse`)) < 1_000_000);
      }
      for (const path of [tree, back]) await Deno.chmod(path, 0o755);
      await node.chmod(`${dir}/tree`, 0o755);
    },
  },
  {
    name: "download() of a folder has the content of files that say that they are empty",
    systems: ["linux"],
    async run({ node, localDir }) {
      await node.download("/proc/sys/kernel/random", join(localDir, "random"));
      match(await Deno.readTextFile(join(localDir, "random/boot_id")), /^[\da-f-]{36}\n$/);
    },
  },
  {
    name: "upload() and download() reject with NotFound when their source is missing",
    async run({ node, dir, localDir }) {
      const missing = join(localDir, "missing");
      const uploading = await node.upload(missing, `${dir}/file`).catch((error) => error);
      ok(uploading instanceof Deno.errors.NotFound);
      ok(uploading.message.startsWith(`Cannot upload "${missing}": `), uploading.message);
      await rejects(node.download(`${dir}/missing`, missing), Deno.errors.NotFound);
      await rejects(Deno.stat(missing), Deno.errors.NotFound);
      await rejects(node.stat(`${dir}/file`), Deno.errors.NotFound);
    },
  },
  {
    name: "download() of a folder rejects when a name in it is no UTF-8, and names it",
    // Other systems have no such names.
    systems: ["linux"],
    programs: ["sh", "mkdir"],
    async run({ node, dir, localDir }) {
      for (const other of ["good", "bad\uFFFDname"]) {
        const folder = `${dir}/beside-${other}`;
        const script = 'mkdir "$1"; cd "$1"; echo x > "$(printf "bad\\377name")"; echo y > "$2"';
        await node.run("sh", ["-c", script, "sh", folder, other]);
        const error = await node.download(folder, join(localDir, other)).catch((error) => error);
        ok(error instanceof Deno.errors.InvalidData, String(error));
        ok(/^Cannot .*bad\uFFFDname.*: its name is no UTF-8/.test(error.message), error.message);
      }
    },
  },
  {
    name: "a name that only looks as if it were no UTF-8 is moved like any other",
    async run({ node, dir, localDir }) {
      await node.writeTextFile(`${dir}/odd/one\uFFFDname`, "content");
      await node.download(`${dir}/odd`, join(localDir, "odd"));
      strictEqual(await Deno.readTextFile(join(localDir, "odd/one\uFFFDname")), "content");
    },
  },
  {
    name:
      "content that is moved is told in events, however little: how much, where, and why it failed",
    async run({ node, cluster, dir, localDir }) {
      await using service = await HttpService.start(node, () => ({ body: "1234" }));
      const [local, back] = [join(localDir, "file"), join(localDir, "back")];
      await Deno.writeTextFile(local, "123");
      const events: string[] = [];
      using _subscription = cluster.events.subscribe((event) => {
        if (event.type !== "content-moved") return;
        const { member, path, other = "-", bytes, elapsed, error } = event;
        strictEqual(event.node, node.name);
        ok(elapsed >= 0);
        events.push(`${member} ${path} ${other} ${bytes} ${error ?? "done"}`);
      });
      const failing = ReadableStream.from((async function* () {
        yield "1";
        await Promise.reject(new Error("the source failed"));
      })());
      await node.writeTextFile(`${dir}/a`, "1");
      await node.writeFile(`${dir}/b`, patternStream(100_000));
      await rejects(node.writeTextFile(`${dir}/c`, failing), /the source failed/);
      await node.readTextFile(`${dir}/a`);
      await rejects(node.readFile(`${dir}/missing`), Deno.errors.NotFound);
      await node.upload(local, `${dir}/d`);
      await node.download(`${dir}/d`, back);
      await node.downloadUrl(`${service.url}/file?secret`, `${dir}/e`);
      deepStrictEqual(events, [
        `writeFile ${dir}/a - 1 done`,
        `writeFile ${dir}/b - 100000 done`,
        `writeFile ${dir}/c - 1 Error: the source failed`,
        `readFile ${dir}/a - 1 done`,
        `upload ${dir}/d ${local} 3 done`,
        `download ${dir}/d ${back} 3 done`,
        `downloadUrl ${dir}/e ${service.url}/file 4 done`,
      ]);
    },
  },
  {
    name: "downloadUrl() lets the node fetch a file, and checks it",
    async run({ node, dir }) {
      const body = "Überbytes\n".repeat(100_000);
      await using service = await HttpService.start(node, () => ({ body }));
      await node.downloadUrl(`${service.url}/file`, `${dir}/sub/file`, { sha256: sha256(body) });
      strictEqual(await node.readTextFile(`${dir}/sub/file`), body);
      const wrong = { sha256: sha256("something else") };
      await rejects(node.downloadUrl(`${service.url}/file`, `${dir}/wrong`, wrong), /sha-?256/i);
      await rejects(node.stat(`${dir}/wrong`), Deno.errors.NotFound);
      await rejects(node.downloadUrl(service.url, `${dir}/x`, { sha256: "beef" }), TypeError);
    },
  },
  {
    name: "downloadUrl() says what went wrong, and leaves no file",
    async run({ node, dir }) {
      await using service = await HttpService.start(
        node,
        ({ path }) =>
          path === "/moved" ? { status: 302, headers: { location: "/there" } } : {
            status: path === "/there" ? 200 : 404,
            body: path,
          },
      );
      await rejects(node.downloadUrl(`${service.url}/missing`, `${dir}/file`), /404/);
      await rejects(node.downloadUrl("file:///etc/passwd", `${dir}/file`), /http/);
      await rejects(node.downloadUrl("no URL", `${dir}/file`), /no URL/);
      await rejects(node.downloadUrl("http://no-such-host.invalid/", `${dir}/file`), /lookup/);
      await rejects(node.stat(`${dir}/file`), Deno.errors.NotFound);
      await node.downloadUrl(new URL("/moved", service.url), `${dir}/file`);
      strictEqual(await node.readTextFile(`${dir}/file`), "/there");
      ok((await Array.fromAsync(node.readDir(dir))).length === 1);
    },
  },
];
