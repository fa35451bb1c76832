import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { CommandError } from "../errors.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { assertPattern, patternStream } from "./pattern.ts";

/** Writes `$1` blocks of 64 KiB. */
const WRITE_BLOCKS = 'dd if=/dev/zero bs=65536 count="$1" 2>/dev/null';

const MEBIBYTE = 1024 * 1024;

/** What commands read and write. */
export const outputCases: readonly ConformanceCase[] = [
  {
    name: "output is kept byte for byte: none, binary, and without a newline at the end",
    programs: ["cat"],
    async run({ node }) {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      for (const input of [new Uint8Array(), all, new TextEncoder().encode("no newline")]) {
        const { stdoutBytes, stderrBytes } = await node.run("cat", [], { input });
        deepStrictEqual(stdoutBytes, input);
        strictEqual(stderrBytes.length, 0);
      }
    },
  },
  {
    name: "output of many megabytes arrives whole, from both streams at once",
    programs: ["sh", "dd"],
    async run({ node }) {
      const script = `( ${WRITE_BLOCKS} ) & ( ${WRITE_BLOCKS} ) >&2; wait`;
      const { stdoutBytes, stderrBytes } = await node.run("sh", ["-c", script, "sh", "320"]);
      deepStrictEqual([stdoutBytes.length, stderrBytes.length], [20 * MEBIBYTE, 20 * MEBIBYTE]);
    },
  },
  {
    name: "a command that writes more than maxOutput is killed, and its error has the tail",
    programs: ["sh"],
    async run({ node }) {
      const script = "while :; do echo 0123456789; done";
      const options = { maxOutput: 100_000 };
      const error = await node.run("sh", ["-c", script], options).catch((error) => error);
      ok(error instanceof CommandError);
      deepStrictEqual([error.reason, error.limit], ["output", 100_000]);
      ok(error.stdout.includes("0123456789\n"));
      const exact = await node.run("sh", ["-c", "printf 12345"], { maxOutput: 5 });
      strictEqual(exact.stdout, "12345");
    },
  },
  {
    name: "input comes from a string, from bytes, or from a stream, and then ends",
    programs: ["cat"],
    async run({ node }) {
      const stream = ReadableStream.from(["pär", "ts"]).pipeThrough(new TextEncoderStream());
      const inputs = [["täxt", "täxt"], [new Uint8Array([104, 105]), "hi"], [stream, "pärts"]];
      for (const [input, expected] of inputs as [string, string][]) {
        strictEqual((await node.run("cat", [], { input })).stdout, expected);
      }
    },
  },
  {
    name: "many megabytes of input come out as they went in",
    programs: ["cat"],
    async run({ node }) {
      const size = 40 * MEBIBYTE;
      const { stdoutBytes } = await node.run("cat", [], { input: patternStream(size) });
      await assertPattern(new Blob([stdoutBytes]).stream(), size);
    },
  },
  {
    name: "a command without input finds its standard input empty",
    programs: ["cat"],
    async run({ node }) {
      strictEqual((await node.run("cat")).stdout, "");
    },
  },
  {
    name: "a command that does not read all of its input ends all the same",
    programs: ["sh", "head", "true"],
    async run({ node }) {
      const input = patternStream(20 * MEBIBYTE);
      strictEqual((await node.run("head", ["-c", "5"], { input })).stdoutBytes.length, 5);
      await node.run("true", [], { input: "x".repeat(MEBIBYTE) });
    },
  },
  {
    name: "run() rejects with the error of its input, and the command is gone",
    programs: ["cat"],
    async run({ node }) {
      const error = new Error("the source failed");
      const input = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(new Uint8Array(10));
          controller.error(error);
        },
      });
      await rejects(node.run("cat", [], { input }), error);
    },
  },
  {
    name: "stdinFile, stdout and stderr name files on the node",
    programs: ["sh", "cat"],
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/in`, "content\n");
      const files = {
        stdinFile: `${dir}/in`,
        stdout: { file: `${dir}/sub/out` },
        stderr: { file: `${dir}/err` },
      };
      const { stdout, stderr } = await node.run("sh", ["-c", "cat; echo problem >&2"], files);
      deepStrictEqual([stdout, stderr], ["", ""]);
      strictEqual(await node.readTextFile(`${dir}/sub/out`), "content\n");
      strictEqual(await node.readTextFile(`${dir}/err`), "problem\n");
      const missing = { stdinFile: `${dir}/missing` };
      await rejects(node.run("cat", [], missing), Deno.errors.NotFound);
    },
  },
  {
    name: "a process has the files of its streams itself",
    systems: ["linux"],
    programs: ["sh", "readlink"],
    async run({ node, dir }) {
      const file = (name: string) => ({ file: `${dir}/${name}` });
      await node.writeTextFile(`${dir}/in`, "content");
      const options = { stdinFile: `${dir}/in`, stdout: file("out"), stderr: file("err") };
      const script = "for n in 0 1 2; do readlink /proc/$$/fd/$n; done";
      await node.run("sh", ["-c", script], options);
      const folder = await node.realPath(dir);
      const expected = ["in", "out", "err"].map((name) => `${folder}/${name}\n`).join("");
      strictEqual(await node.readTextFile(`${dir}/out`), expected);
    },
  },
  {
    name: "both outputs may go into one file, which is emptied first",
    programs: ["sh"],
    async run({ node, dir }) {
      const output = { file: `${dir}/log` };
      await node.writeTextFile(`${dir}/log`, "what was there before");
      const script = "echo one; echo two >&2";
      await node.run("sh", ["-c", script], { stdout: output, stderr: output });
      const lines = (await node.readTextFile(`${dir}/log`)).trim().split("\n");
      deepStrictEqual(lines.sort(), ["one", "two"]);
    },
  },
  {
    name: "run() rejects when the file of an output cannot take it",
    systems: ["linux"],
    programs: ["sh"],
    async run({ node }) {
      const options = { stdout: { file: "/dev/full" } };
      await rejects(node.run("sh", ["-c", "echo x"], options), /No space left on device/);
    },
  },
  {
    name: 'output to "null" goes nowhere',
    programs: ["sh"],
    async run({ node }) {
      const options = { stdout: "null", stderr: "null" } as const;
      const { stdout, stderr } = await node.run("sh", ["-c", "echo x; echo y >&2"], options);
      deepStrictEqual([stdout, stderr], ["", ""]);
    },
  },
];
