import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { NodeFile } from "../files/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { assertPattern, patternStream } from "./pattern.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function textFrom(file: NodeFile, length: number): Promise<string | null> {
  const buffer = new Uint8Array(length);
  const size = await file.read(buffer);
  return size === null ? null : new TextDecoder().decode(buffer.subarray(0, size));
}

/** Files that are held open. */
export const openFileCases: readonly ConformanceCase[] = [
  {
    name: "open() gives a file that is read and written at any position",
    async run({ node, dir }) {
      await using file = await node.open(`${dir}/file`, { read: true, write: true, create: true });
      strictEqual(await file.write(bytes("0123456789")), 10);
      strictEqual(await file.seek(2, Deno.SeekMode.Start), 2);
      strictEqual(await textFrom(file, 3), "234");
      strictEqual(await file.seek(1, Deno.SeekMode.Current), 6);
      await file.write(bytes("X"));
      strictEqual(await file.seek(-4, Deno.SeekMode.End), 6);
      strictEqual(await textFrom(file, 100), "X789");
      strictEqual(await textFrom(file, 100), null);
      strictEqual(await file.read(new Uint8Array()), 0);
    },
  },
  {
    name: "an open file refuses what is no Uint8Array, and goes on",
    async run({ node, dir }) {
      await using file = await node.open(`${dir}/file`, { read: true, write: true, create: true });
      for (const wrong of ["text", 5, new ArrayBuffer(4)] as unknown as Uint8Array[]) {
        await rejects(file.write(wrong), /TypeError: Cannot write/);
      }
      strictEqual(await file.write(bytes("good")), 4);
      const writer = file.writable.getWriter();
      await rejects(writer.write("text" as unknown as Uint8Array), /TypeError: Cannot write/);
      strictEqual(await node.readTextFile(`${dir}/file`), "good");
    },
  },
  {
    name: "an open file refuses positions, lengths and buffers that are none, and goes on",
    async run({ node, dir }) {
      await using file = await node.open(`${dir}/file`, { read: true, write: true, create: true });
      await file.write(bytes("good"));
      const { Start } = Deno.SeekMode;
      for (const wrong of [NaN, 1.5, Infinity, "1", 2n ** 60n, null] as unknown as number[]) {
        await rejects(file.seek(wrong, Start), /TypeError: Cannot seek: the offset is/);
      }
      await rejects(file.seek(0, 9 as Deno.SeekMode), /TypeError: Cannot seek: whence is/);
      for (const wrong of [-1, 1.5, NaN, "1", null] as unknown as number[]) {
        await rejects(file.truncate(wrong), /TypeError: Cannot truncate a file: its length is/);
      }
      for (const wrong of ["text", 5, new ArrayBuffer(4)] as unknown as Uint8Array[]) {
        await rejects(file.read(wrong), /TypeError: Cannot read into/);
      }
      strictEqual(await file.seek(0, Start), 0);
      strictEqual(await textFrom(file, 100), "good");
    },
  },
  {
    name: "open() obeys read, append, truncate and createNew",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/file`, "content");
      await using reader = await node.open(`${dir}/file`);
      await rejects(reader.write(bytes("x")));
      {
        await using appender = await node.open(`${dir}/file`, { append: true });
        await appender.write(bytes("!"));
      }
      strictEqual(await node.readTextFile(`${dir}/file`), "content!");
      const createNew = { write: true, createNew: true };
      await rejects(node.open(`${dir}/file`, createNew), Deno.errors.AlreadyExists);
      await using _ = await node.open(`${dir}/file`, { write: true, truncate: true });
      strictEqual((await node.stat(`${dir}/file`)).size, 0);
    },
  },
  {
    name: "create() empties a file, and truncate() cuts and extends it",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/file`, "content");
      await using file = await node.create(`${dir}/file`);
      strictEqual((await file.stat()).size, 0);
      await file.write(bytes("content"));
      await file.truncate(3);
      strictEqual((await file.stat()).size, 3);
      await file.truncate(5);
      await file.seek(0, Deno.SeekMode.Start);
      strictEqual(await textFrom(file, 10), "con\0\0");
      await file.truncate();
      strictEqual((await file.stat()).size, 0);
      await file.sync();
      await file.syncData();
    },
  },
  {
    name: "an open file has streams, which close it at their end",
    async run({ node, dir }) {
      const target = await node.create(`${dir}/file`);
      await patternStream(2_000_000).pipeTo(target.writable);
      await rejects(target.stat(), Deno.errors.BadResource);
      const source = await node.open(`${dir}/file`);
      await assertPattern(source.readable, 2_000_000);
      await rejects(source.stat(), Deno.errors.BadResource);
      const cancelled = await node.open(`${dir}/file`);
      await cancelled.readable.cancel();
      await rejects(cancelled.stat(), Deno.errors.BadResource);
    },
  },
  {
    name: "calls on one file are done in the order in which they were made",
    async run({ node, dir }) {
      await using file = await node.create(`${dir}/file`);
      const words = Array.from({ length: 100 }, (_, i) => `${i} `);
      await Promise.all(words.map((word) => file.write(bytes(word))));
      strictEqual(await node.readTextFile(`${dir}/file`), words.join(""));
    },
  },
  {
    name: "a closed file refuses everything, and may be closed again",
    async run({ node, dir }) {
      const file = await node.create(`${dir}/file`);
      await file.close();
      await file.close();
      await file[Symbol.asyncDispose]();
      const calls = [
        () => file.read(new Uint8Array(1)),
        () => file.write(bytes("x")),
        () => file.seek(0, Deno.SeekMode.Start),
        () => file.stat(),
        () => file.truncate(),
        () => file.sync(),
      ];
      for (const call of calls) await rejects(call(), Deno.errors.BadResource);
    },
  },
  {
    name: "a hundred files are open at once",
    async run({ node, dir }) {
      const names = Array.from({ length: 100 }, (_, i) => `${dir}/${i}`);
      const files = await Promise.all(names.map((name) => node.create(name)));
      await Promise.all(files.map((file, i) => file.write(bytes(`file ${i}`))));
      await Promise.all(files.map((file) => file.close()));
      const texts = await Promise.all(names.map((name) => node.readTextFile(name)));
      deepStrictEqual(texts, names.map((_, i) => `file ${i}`));
    },
  },
];
