import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import type { LinesOptions, Process } from "../process/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";

const MEBIBYTE = 1024 * 1024;

async function writeLine(process: Process): Promise<void> {
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode("go on\n"));
  writer.releaseLock();
}

/** Writes so many MiB, in lines of 64 bytes. */
const manyLines = (size: number) => `yes ${"x".repeat(63)} | head -c ${size * MEBIBYTE}`;

/** The lines that stand for what is missing, and how much that is. */
function missingIn(lines: readonly string[]): number[] {
  return lines.flatMap((line) =>
    [...line.matchAll(/\[clustertest: (\d+) bytes are missing here\]$/g)].map(([, size]) =>
      Number(size)
    )
  );
}

/** The lines of processes. */
export const lineCases: readonly ConformanceCase[] = [
  {
    name: "lines() brings those of both outputs, or of one, until the process has ended",
    programs: ["sh"],
    async run({ node }) {
      const script = "echo one; read line; echo problem >&2; read line; printf 'two\\r\\n\\nlast'";
      await using process = await node.spawn("sh", ["-c", script], { stdin: "piped" });
      const both = process.lines();
      const first = await both.next();
      strictEqual(first.value, "one");
      await writeLine(process);
      strictEqual((await both.next()).value, "problem");
      await writeLine(process);
      deepStrictEqual(await Array.fromAsync(both), ["two", "", "last"]);
      deepStrictEqual(await both.next(), { done: true, value: undefined });
      const all = async (options: LinesOptions) => await Array.fromAsync(process.lines(options));
      deepStrictEqual(await all({ stream: "stdout" }), ["one", "two", "", "last"]);
      deepStrictEqual(await all({ stream: "stderr" }), ["problem"]);
      deepStrictEqual(await all({ from: "now" }), []);
    },
  },
  {
    name: "lines() from now on brings what is written after the call",
    programs: ["sh"],
    async run({ node }) {
      const script = "echo one; while read line; do echo two; done";
      await using process = await node.spawn("sh", ["-c", script], { stdin: "piped" });
      await process.waitForOutput("one\n");
      const later = process.lines({ from: "now" });
      await writeLine(process);
      await process.stdin.close();
      deepStrictEqual(await Array.fromAsync(later), ["two"]);
    },
  },
  {
    name: "lines() has any number of readers, and takes nothing away from stdout",
    programs: ["sh"],
    async run({ node }) {
      const script = "i=0; while [ $i -lt 1000 ]; do echo $i; i=$((i+1)); done";
      const expected = Array.from({ length: 1000 }, (_, i) => `${i}`);
      for (const stdout of ["log", "piped"] as const) {
        await using process = await node.spawn("sh", ["-c", script], { stdout });
        const readers = [1, 2, 3].map(() => Array.fromAsync(process.lines()));
        const text = await process.stdout.text();
        strictEqual(text, expected.map((line) => `${line}\n`).join(""));
        for (const lines of await Promise.all(readers)) deepStrictEqual(lines, expected);
      }
    },
  },
  {
    name: "a reader of lines that leaves its loop, or never begins, holds up nobody",
    programs: ["sh", "yes", "head"],
    async run({ node }) {
      const script = `echo one; read line; ${manyLines(40)}; echo x`;
      await using process = await node.spawn("sh", ["-c", script], { stdin: "piped" });
      for await (const line of process.lines()) {
        strictEqual(line, "one");
        break;
      }
      const left = process.lines();
      await left.return!();
      deepStrictEqual(await left.next(), { done: true, value: undefined });
      const unread = process.lines();
      {
        await using _disposed = process.lines();
      }
      await writeLine(process);
      strictEqual((await process.status).code, 0);
      const lines = await Array.fromAsync(unread);
      strictEqual(lines.at(-1), "x");
      const missing = missingIn(lines);
      ok(missing.length > 0);
      const present = lines.filter((line) => !line.startsWith("[")).map(({ length }) => length + 1);
      const sum = [...missing, ...present].reduce((sum, size) => sum + size);
      // An end of a line may be among what is missing, beside a line that is only a part.
      const whole = 40 * MEBIBYTE + "one\nx\n".length;
      ok(Math.abs(sum - whole) <= 2 * missing.length, `${sum} of ${whole}`);
    },
  },
  {
    name: "lines() brings all lines of a fast output to a reader who keeps up",
    programs: ["sh", "yes", "head"],
    async run({ node }) {
      const script = `read line; ${manyLines(20)}; echo last`;
      await using process = await node.spawn("sh", ["-c", script], { stdin: "piped" });
      const lines = process.lines();
      await node.hostname();
      await writeLine(process);
      const counts = new Map<string, number>();
      for await (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
      deepStrictEqual([...counts], [["x".repeat(63), 20 * MEBIBYTE / 64], ["last", 1]]);
    },
  },
  {
    name: "lines() says what the log had dropped, and what is missing of a line without end",
    programs: ["sh", "dd"],
    async run({ node }) {
      const script = "dd if=/dev/zero bs=65536 count=64 2>/dev/null; printf '\\nend\\n'";
      await using process = await node.spawn("sh", ["-c", script]);
      await process.status;
      while (!(await process.log()).stdout.endsWith("end\n")) await node.hostname();
      const lines = await Array.fromAsync(process.lines({ stream: "stdout" }));
      strictEqual(lines.pop(), "end");
      const missing = missingIn(lines);
      ok(missing.length > 0);
      const present = lines.filter((line) => !line.startsWith("[")).map(({ length }) => length);
      strictEqual([...missing, ...present].reduce((sum, size) => sum + size), 4 * MEBIBYTE);
    },
  },
  {
    name: "lines() ends when a process has ended whose outputs others hold open",
    programs: ["sh", "sleep"],
    async run({ node }) {
      await using process = await node.spawn("sh", ["-c", "echo one; sleep 1000 & exit 0"]);
      deepStrictEqual(await Array.fromAsync(process.lines()), ["one"]);
    },
  },
  {
    name: "lines() does not mind what is no UTF-8, and characters that come in parts",
    programs: ["sh"],
    async run({ node }) {
      const script = "printf 'a\\377b\\n\\342'; read line; printf '\\202\\254\\n'";
      await using process = await node.spawn("sh", ["-c", script], { stdin: "piped" });
      const lines = process.lines();
      strictEqual((await lines.next()).value, "a\uFFFDb");
      await writeLine(process);
      strictEqual((await lines.next()).value, "€");
    },
  },
  {
    name: "lines() refuses outputs that go elsewhere, and options that there are not",
    programs: ["sh"],
    async run({ node }) {
      const options = { stdout: "null" } as const;
      await using process = await node.spawn("sh", ["-c", "echo x >&2"], options);
      throws(() => process.lines({ stream: "stdout" }), /stdout of it goes elsewhere/);
      deepStrictEqual(await Array.fromAsync(process.lines()), ["x"]);
      for (const wrong of [{ stream: "stdin" }, { from: "end" }, { form: "now" }, 5]) {
        throws(() => process.lines(wrong as object), TypeError);
      }
    },
  },
  {
    name: "lines() brings what was written of a process that is disposed of",
    programs: ["sh", "sleep"],
    async run({ node }) {
      const process = await node.spawn("sh", ["-c", "echo one; exec sleep 1000"]);
      const before = process.lines();
      strictEqual((await before.next()).value, "one");
      await process[Symbol.asyncDispose]();
      deepStrictEqual(await before.next(), { done: true, value: undefined });
      deepStrictEqual(await Array.fromAsync(process.lines()), ["one"]);
      strictEqual((await process.waitForOutput("one"))[0], "one");
    },
  },
  {
    name: "lines() rejects when the node is given back while it waits",
    programs: ["sleep"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      const process = await node.spawn("sleep", ["1000"]);
      const next = process.lines().next();
      const refused = rejects(next, { name: "NodeLostError" });
      await node.destroy();
      await refused;
      throws(() => process.lines(), { name: "NodeLostError" });
    },
  },
];
