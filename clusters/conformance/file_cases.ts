import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { assertPattern, patternStream } from "./pattern.ts";

/** Names that have to go through whatever lies in between, byte for byte. */
const AWKWARD_NAMES = [
  "with space",
  " leading and trailing ",
  "-rf",
  "quo'te\"s",
  "dollar$(x)`y`",
  "back\\slash",
  "new\nline",
  "tab\t",
  "Überraschung-日本語-🐛",
  "*?[a]",
  "x".repeat(255),
];

/** Everything that takes the path of something that has to be there. */
const ON_MISSING: Record<string, (node: Node, path: string) => Promise<unknown>> = {
  readFile: (node, path) => node.readFile(path),
  readTextFile: (node, path) => node.readTextFile(path),
  open: (node, path) => node.open(path),
  stat: (node, path) => node.stat(path),
  lstat: (node, path) => node.lstat(path),
  readDir: (node, path) => Array.fromAsync(node.readDir(path)),
  readLink: (node, path) => node.readLink(path),
  realPath: (node, path) => node.realPath(path),
  rename: (node, path) => node.rename(path, `${path}2`),
  copyFile: (node, path) => node.copyFile(path, `${path}2`),
  remove: (node, path) => node.remove(path),
  chmod: (node, path) => node.chmod(path, 0o644),
  chown: (node, path) => node.chown(path, null, null),
  mkdir: (node, path) => node.mkdir(`${path}/below`),
};

/** Contents of files. */
export const fileCases: readonly ConformanceCase[] = [
  {
    name: "readTextFile() returns what writeTextFile() wrote, whose parent folders it made",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/a/b/c.txt`, "Hello, wörld!\n");
      strictEqual(await node.readTextFile(`${dir}/a/b/c.txt`), "Hello, wörld!\n");
    },
  },
  {
    name: "relative paths begin at rootDir, and absolute ones are taken as they are",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/file`, "content");
      strictEqual(await node.readTextFile(`${node.rootDir}/${dir}/file`), "content");
      await node.writeTextFile(`${node.rootDir}/${dir}/other`, "more");
      strictEqual(await node.readTextFile(`./${dir}/../${dir}/other`), "more");
    },
  },
  {
    name: "writeFile() and readFile() keep every byte, and files of none",
    async run({ node, dir }) {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      for (const bytes of [new Uint8Array(), all]) {
        await node.writeFile(`${dir}/bytes`, bytes);
        deepStrictEqual(await node.readFile(`${dir}/bytes`), bytes);
        strictEqual((await node.stat(`${dir}/bytes`)).size, bytes.length);
      }
    },
  },
  {
    name: "writeFile() and writeTextFile() take streams",
    async run({ node, dir }) {
      await node.writeFile(`${dir}/bytes`, patternStream(3_000_000));
      await assertPattern(new Blob([await node.readFile(`${dir}/bytes`)]).stream(), 3_000_000);
      await node.writeTextFile(`${dir}/text`, ReadableStream.from(["one ", "", "twö"]));
      strictEqual(await node.readTextFile(`${dir}/text`), "one twö");
      await node.writeFile(`${dir}/empty`, ReadableStream.from<Uint8Array>([]));
      strictEqual((await node.readFile(`${dir}/empty`)).length, 0);
    },
  },
  {
    name: "writeFile() rejects with the error of its stream",
    async run({ node, dir }) {
      const error = new Error("the source failed");
      const source = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(new Uint8Array(10));
          controller.error(error);
        },
      });
      await rejects(node.writeFile(`${dir}/file`, source), error);
    },
  },
  {
    name: "writeFile() and writeTextFile() refuse what is no content, and leave the file alone",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/file`, "content");
      for (
        const wrong of [5, null, "text", new ArrayBuffer(4), [1, 2]] as unknown as Uint8Array[]
      ) {
        await rejects(node.writeFile(`${dir}/file`, wrong), /TypeError: Cannot write/);
      }
      for (const wrong of [5, null, new Uint8Array(4)] as unknown as string[]) {
        await rejects(node.writeTextFile(`${dir}/file`, wrong), /TypeError: Cannot write/);
      }
      strictEqual(await node.readTextFile(`${dir}/file`), "content");
    },
  },
  {
    name: "readTextFile() keeps a byte order mark",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/file`, "\uFEFFtext");
      strictEqual(await node.readTextFile(`${dir}/file`), "\uFEFFtext");
    },
  },
  {
    name: "writeTextFile() appends, creates and replaces as its options say",
    async run({ node, dir }) {
      const path = `${dir}/file`;
      await rejects(node.writeTextFile(path, "x", { create: false }), Deno.errors.NotFound);
      await node.writeTextFile(path, "long content", { createNew: true });
      await rejects(node.writeTextFile(path, "x", { createNew: true }), Deno.errors.AlreadyExists);
      await node.writeTextFile(path, "short");
      await node.writeTextFile(path, "er", { append: true });
      strictEqual(await node.readTextFile(path), "shorter");
      await node.writeTextFile(path, "", { mode: 0o640 });
      strictEqual((await node.stat(path)).mode! & 0o777, 0o640);
    },
  },
  {
    name: "files have any name that the operating system allows",
    async run({ node, dir }) {
      for (const name of AWKWARD_NAMES) await node.writeTextFile(`${dir}/${name}`, name);
      const names = await Array.fromAsync(node.readDir(dir), ({ name }) => name);
      deepStrictEqual(names.sort(), AWKWARD_NAMES.toSorted());
      for (const name of AWKWARD_NAMES) {
        strictEqual(await node.readTextFile(`${dir}/${name}`), name);
      }
    },
  },
  {
    name: "a name that cannot be is refused, and the node goes on",
    async run({ node, dir }) {
      await rejects(node.writeTextFile(`${dir}/${"x".repeat(256)}`, ""));
      await rejects(node.writeTextFile(`${dir}/nul\0byte`, ""));
      await rejects(node.readTextFile(""));
      await rejects(node.readTextFile("x/".repeat(4_000)));
      await node.writeTextFile(`${dir}/file`, "");
    },
  },
  {
    name:
      "every member that needs a file rejects with NotFound, and says which, when it is missing",
    async run({ node, dir }) {
      for (const [member, call] of Object.entries(ON_MISSING)) {
        const error = await call(node, `${dir}/missing`).then(() => undefined, (error) => error);
        ok(error instanceof Deno.errors.NotFound, `${member}() gave ${error}`);
        ok(error.message.includes(`${dir}/missing`), `${member}() said: ${error.message}`);
        ok(error.message.includes(node.name), `${member}() said: ${error.message}`);
      }
    },
  },
  {
    name: "a folder is no file, and a file is no folder",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/file`, "");
      await rejects(node.readFile(dir), Deno.errors.IsADirectory);
      await rejects(node.writeTextFile(dir, ""), Deno.errors.IsADirectory);
      await rejects(Array.fromAsync(node.readDir(`${dir}/file`)), Deno.errors.NotADirectory);
      await rejects(node.readTextFile(`${dir}/file/below`), Deno.errors.NotADirectory);
    },
  },
  {
    name: "a full disk fails a write, with the system's own words, the path and the node",
    systems: ["linux"],
    async run({ node }) {
      const full = new RegExp(`No space left on device.*/dev/full.* \\(node "${node.name}"`);
      await rejects(node.writeTextFile("/dev/full", "x"), full);
      await rejects(node.writeFile("/dev/full", patternStream(20_000_000)), full);
      await using file = await node.open("/dev/full", { write: true });
      await rejects(file.write(new Uint8Array(10)), full);
    },
  },
  {
    name: "a thousand small files go at once",
    async run({ node, dir }) {
      const numbers = Array.from({ length: 1_000 }, (_, i) => i);
      await Promise.all(numbers.map((i) => node.writeTextFile(`${dir}/${i}`, `content ${i}`)));
      const texts = await Promise.all(numbers.map((i) => node.readTextFile(`${dir}/${i}`)));
      deepStrictEqual(texts, numbers.map((i) => `content ${i}`));
    },
  },
  {
    name: "a file of 1 GiB goes there and back, byte for byte",
    async run({ node, dir }) {
      const size = 1024 ** 3;
      await node.writeFile(`${dir}/large`, patternStream(size, 256 * 1024));
      strictEqual((await node.stat(`${dir}/large`)).size, size);
      const file = await node.open(`${dir}/large`);
      await assertPattern(file.readable, size);
      await node.remove(`${dir}/large`);
    },
  },
];
