import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { makeDeepFolder } from "./deep_folder.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** Folders, links, names and permissions. */
export const nameCases: readonly ConformanceCase[] = [
  {
    name: "mkdir() makes one folder, and with recursive all that are missing",
    async run({ node, dir }) {
      await node.mkdir(`${dir}/one`);
      ok((await node.stat(`${dir}/one`)).isDirectory);
      await rejects(node.mkdir(`${dir}/one`), Deno.errors.AlreadyExists);
      await node.mkdir(`${dir}/one/two/three`, { recursive: true });
      await node.mkdir(`${dir}/one/two/three`, { recursive: true });
      await node.mkdir(`${dir}/private`, { mode: 0o700 });
      strictEqual((await node.stat(`${dir}/private`)).mode! & 0o777, 0o700);
    },
  },
  {
    name: "stat() and lstat() tell what a name leads to, and what it is",
    async run({ node, dir }) {
      const before = Date.now();
      await node.writeTextFile(`${dir}/file`, "12345");
      await node.symlink("file", `${dir}/link`);
      const [file, followed, link] = [
        await node.stat(`${dir}/file`),
        await node.stat(`${dir}/link`),
        await node.lstat(`${dir}/link`),
      ];
      deepStrictEqual([file.isFile, file.isDirectory, file.isSymlink], [true, false, false]);
      deepStrictEqual([followed.isFile, followed.isSymlink, followed.size], [true, false, 5]);
      deepStrictEqual([link.isFile, link.isSymlink], [false, true]);
      ok(file.mtime instanceof Date);
      // The node's clock may be another one, but it is not years away.
      ok(Math.abs(file.mtime.getTime() - before) < 365 * 24 * 3_600_000);
    },
  },
  {
    name: "readDir() lists what is in a folder, and says what each is",
    async run({ node, dir }) {
      deepStrictEqual(await Array.fromAsync(node.readDir(dir)), []);
      await node.writeTextFile(`${dir}/file`, "");
      await node.mkdir(`${dir}/folder`);
      await node.symlink("nowhere", `${dir}/link`);
      const entries = await Array.fromAsync(node.readDir(dir), (entry) => ({ ...entry }));
      deepStrictEqual(entries.toSorted((a, b) => a.name < b.name ? -1 : 1), [
        { name: "file", isFile: true, isDirectory: false, isSymlink: false },
        { name: "folder", isFile: false, isDirectory: true, isSymlink: false },
        { name: "link", isFile: false, isDirectory: false, isSymlink: true },
      ]);
    },
  },
  {
    name: "symlink(), readLink() and realPath() work, also where a link leads nowhere",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/folder/file`, "content");
      await node.symlink("folder/file", `${dir}/link`);
      await node.symlink("nowhere", `${dir}/dangling`);
      strictEqual(await node.readLink(`${dir}/link`), "folder/file");
      strictEqual(await node.readLink(`${dir}/dangling`), "nowhere");
      strictEqual(await node.readTextFile(`${dir}/link`), "content");
      const real = await node.realPath(`${dir}/link`);
      strictEqual(real, await node.realPath(`${dir}/folder/../folder/file`));
      ok(real.startsWith("/") && real.endsWith("folder/file"));
      await rejects(node.realPath(`${dir}/dangling`), Deno.errors.NotFound);
      await rejects(node.symlink("x", `${dir}/link`), Deno.errors.AlreadyExists);
    },
  },
  {
    name: "links that lead to each other end in an error",
    async run({ node, dir }) {
      await node.symlink("b", `${dir}/a`);
      await node.symlink("a", `${dir}/b`);
      await rejects(node.readTextFile(`${dir}/a`), Deno.errors.FilesystemLoop);
      await rejects(node.stat(`${dir}/a`), Deno.errors.FilesystemLoop);
    },
  },
  {
    name: "rename() moves files and folders, and replaces a file",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/old/file`, "new content");
      await node.writeTextFile(`${dir}/target`, "old content");
      await node.rename(`${dir}/old/file`, `${dir}/target`);
      strictEqual(await node.readTextFile(`${dir}/target`), "new content");
      await node.rename(`${dir}/old`, `${dir}/new`);
      deepStrictEqual(await Array.fromAsync(node.readDir(`${dir}/new`)), []);
      await rejects(node.stat(`${dir}/old`), Deno.errors.NotFound);
    },
  },
  {
    name: "copyFile() copies content and permissions",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/program`, "#!/bin/sh\n", { mode: 0o755 });
      await node.copyFile(`${dir}/program`, `${dir}/copy`);
      strictEqual(await node.readTextFile(`${dir}/copy`), "#!/bin/sh\n");
      strictEqual((await node.stat(`${dir}/copy`)).mode! & 0o777, 0o755);
    },
  },
  {
    name: "chmod() changes permissions",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/file`, "");
      for (const mode of [0o600, 0o755, 0o444]) {
        await node.chmod(`${dir}/file`, mode);
        strictEqual((await node.stat(`${dir}/file`)).mode! & 0o777, mode);
      }
    },
  },
  {
    name: "a mode may be all that stat() told, of which the permissions count",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/file`, "", { mode: 0o640 });
      await node.mkdir(`${dir}/folder`, { mode: 0o700 });
      const { mode: file } = await node.stat(`${dir}/file`);
      const { mode: folder } = await node.stat(`${dir}/folder`);
      await node.chmod(`${dir}/file`, file!);
      await node.writeTextFile(`${dir}/written`, "", { mode: file! });
      const options = { write: true, createNew: true, mode: file! };
      await (await node.open(`${dir}/opened`, options)).close();
      await node.mkdir(`${dir}/made`, { mode: folder! });
      for (const name of ["file", "written", "opened"]) {
        strictEqual((await node.stat(`${dir}/${name}`)).mode, file, name);
      }
      strictEqual((await node.stat(`${dir}/made`)).mode, folder);
    },
  },
  {
    name: "remove() removes a name, and what is below it only with recursive",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/folder/file`, "");
      await node.writeTextFile(`${dir}/kept/file`, "");
      await node.symlink("../kept", `${dir}/folder/link`);
      await rejects(node.remove(`${dir}/folder`));
      await node.remove(`${dir}/folder`, { recursive: true });
      await rejects(node.stat(`${dir}/folder`), Deno.errors.NotFound);
      await node.stat(`${dir}/kept/file`);
      await node.remove(`${dir}/kept/file`);
      await node.remove(`${dir}/kept`);
    },
  },
  {
    name: "makeTempDir() and makeTempFile() never give the same name twice",
    async run({ node, dir }) {
      const options = { dir, prefix: "before-", suffix: "-after" };
      const folders = await Promise.all(
        Array.from({ length: 20 }, () => node.makeTempDir(options)),
      );
      strictEqual(new Set(folders).size, 20);
      for (const folder of folders) {
        ok(folder.startsWith("/") && /\/before-[^/]+-after$/.test(folder), folder);
        ok((await node.stat(folder)).isDirectory);
      }
      const file = await node.makeTempFile();
      notStrictEqual(file, await node.makeTempFile());
      strictEqual((await node.stat(file)).size, 0);
    },
  },
  {
    name: "makeTempDir() and makeTempFile() refuse an empty dir",
    async run({ node }) {
      const empty = (error: Error) =>
        error instanceof Deno.errors.NotFound && error.message.includes("dir is empty");
      await rejects(node.makeTempDir({ dir: "" }), empty);
      await rejects(node.makeTempFile({ dir: "" }), empty);
    },
  },
  {
    name: "remove() takes a tree that is deeper than any path can say",
    async run({ node, dir }) {
      await makeDeepFolder(`${dir}/deep`, 12_000, node);
      await node.remove(`${dir}/deep`, { recursive: true });
      deepStrictEqual(await Array.fromAsync(node.readDir(dir)), []);
    },
  },
  {
    name: "the path of a socket in the folder of a node with a name of 40 letters is not too long",
    systems: ["linux"],
    async run({ cluster }) {
      const name = "a".repeat(40);
      await using node = await cluster.addNode({ name });
      const path = `${node.rootDir}/.s.PGSQL.5432`;
      await using listener = await node.listen({ transport: "unix", path });
      await using connection = await node.connect({ transport: "unix", path });
      await using accepted = await listener.accept();
      await connection.closeWrite();
      strictEqual(await accepted.readable.text(), "");
    },
  },
];
