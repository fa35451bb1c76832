import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { ProcessEndedError } from "../errors.ts";
import type { Process } from "../process/mod.ts";
import { eventually } from "../waiting/mod.ts";
import { atOnce } from "./at_once.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { failedWait } from "./failed_wait.ts";

const MEBIBYTE = 1024 * 1024;

/** Turns of this process within which a wait hears of the end of its process. */
const AT_ONCE = 500;

/** Writes so many MiB without a newline once a line has come, and then a word. */
const FLOOD = (size: number) =>
  `read line; dd if=/dev/zero bs=65536 count=${size * 16}; echo ready`;

const PIPED = { stdin: "piped", stdout: "piped" } as const;

async function writeLine(process: Process): Promise<void> {
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode("go on\n"));
  writer.releaseLock();
}

async function sizeOf(stream: ReadableStream<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  return size;
}

/** Waiting for what processes write. */
export const outputWaitCases: readonly ConformanceCase[] = [
  {
    name: "waitForOutput() resolves to the match, on either output, before and after it is written",
    programs: ["sh"],
    async run({ node }) {
      const script = "echo port 8080; echo warned >&2; read line; echo 'read 1'; read line";
      await using process = await node.spawn("sh", ["-c", script], { stdin: "piped" });
      const [whole, port] = await process.waitForOutput(/port (\d+)/);
      deepStrictEqual([whole, port], ["port 8080", "8080"]);
      strictEqual((await process.waitForOutput("warned"))[0], "warned");
      const waiting = process.waitForOutput(/(?<verb>read) (\d)/g);
      await writeLine(process);
      strictEqual((await waiting).groups!.verb, "read");
      strictEqual((await process.waitForOutput("port"))[0], "port");
      await writeLine(process);
      await process.status;
      strictEqual((await process.waitForOutput("read 1"))[0], "read 1");
    },
  },
  {
    name: "waitForOutput() finds what comes in parts, characters too, and lets a number grow",
    programs: ["sh"],
    async run({ node }) {
      const script =
        "printf '\\342\\202'; read line; printf '\\254 80'; read line; echo 80; read line";
      await using process = await node.spawn("sh", ["-c", script], { stdin: "piped" });
      const waiting = process.waitForOutput(/€ (\d+)/);
      await writeLine(process);
      await writeLine(process);
      match((await waiting)[1]!, /^80(80)?$/);
      strictEqual((await process.waitForOutput(/€ (\d+)\n/))[1], "8080");
    },
  },
  {
    name: "waitForOutput() fails at once when the process ends, with how and what it wrote last",
    programs: ["sh", "sleep"],
    async run({ node }) {
      const script = "echo starting; sleep 0.025; echo no room >&2; exit 3";
      await using process = await node.spawn("sh", ["-c", script]);
      const failed = process.waitForOutput(/ready/).catch((error) => error);
      const error = await atOnce(failed, AT_ONCE);
      ok(error instanceof ProcessEndedError);
      deepStrictEqual(
        [error.code, error.stdout, error.stderr],
        [3, "starting\n", "no room\n"],
      );
      match(
        error.message,
        /^Cannot complete process\.waitForOutput\(\/ready\/\): `sh .* code 3 after/,
      );
      match(
        error.message,
        /looked into 17 bytes of its output in \d parts?\nstderr:\n {2}no room\n/,
      );
      match(error.stack!, /\n +at .*output_wait_cases\.ts/);
      await rejects(process.waitForOutput("ready"), ProcessEndedError);
    },
  },
  {
    name: "waitForOutput() fails when a process has ended whose outputs others hold open",
    programs: ["sh", "sleep"],
    async run({ node }) {
      await using process = await node.spawn("sh", ["-c", "sleep 1000 & echo gone; exit 4"]);
      const failed = process.waitForOutput(/ready/).catch((error) => error);
      const error = await atOnce(failed, AT_ONCE);
      ok(error instanceof ProcessEndedError);
      deepStrictEqual([error.code, error.stdout], [4, "gone\n"]);
    },
  },
  {
    name: "waitForOutput() says what was written instead when the time is over",
    programs: ["sh", "sleep"],
    async run({ node }) {
      await using process = await node.spawn("sh", ["-c", "echo starting; exec sleep 1000"]);
      await process.waitForOutput("starting");
      const error = await failedWait(
        (options) => process.waitForOutput("ready", options),
        ({ tries }) => tries > 0,
      );
      match(
        error.message,
        new RegExp(
          `^Cannot complete process\\.waitForOutput\\("ready"\\): nothing of that was written within ` +
            `${error.timeout} ms`,
        ),
      );
      match(
        error.message,
        /looked into 9 bytes of its output in 1 part; `sh .*` runs\nstdout:\n {2}sta/,
      );
    },
  },
  {
    name: "waitForOutput() misses nothing of an output that is faster than what is recorded",
    programs: ["sh", "dd"],
    async run({ node }) {
      const script = `${FLOOD(24)}; dd if=/dev/zero bs=65536 count=160; read line`;
      await using process = await node.spawn("sh", ["-c", script], { stdin: "piped" });
      const waiting = process.waitForOutput(/\0ready\n/);
      const error = process.waitForOutput("never", { timeout: 120_000 }).catch((error) => error);
      await writeLine(process);
      await waiting;
      await writeLine(process);
      match((await error).message, /; looked into 356\d{5} bytes of its output in \d+ parts\n/);
    },
  },
  {
    name:
      "waitForOutput() takes nothing away from the reader of a piped output, nor does it hold it up",
    programs: ["sh", "dd"],
    async run({ node }) {
      const [size, options] = [24, { ...PIPED, stderr: "null" } as const];
      await using process = await node.spawn("sh", ["-c", FLOOD(size)], options);
      const reading = sizeOf(process.stdout);
      const waits = [process.waitForOutput(/ready/), process.waitForOutput("ready\n")];
      await writeLine(process);
      await Promise.all(waits);
      strictEqual(await reading, size * MEBIBYTE + "ready\n".length);
    },
  },
  {
    name: "waitForOutput() needs no reader of a piped output, and leaves it whole for one",
    programs: ["sh", "dd"],
    async run({ node }) {
      const script = "dd if=/dev/zero bs=65536 count=160; echo ready; read line";
      const options = { ...PIPED, stderr: "null" } as const;
      await using process = await node.spawn("sh", ["-c", script], options);
      await process.waitForOutput("ready");
      await writeLine(process);
      await process.status;
      strictEqual(await sizeOf(process.stdout), 160 * 65536 + "ready\n".length);
      await using full = await node.spawn("sh", ["-c", FLOOD(32)], options);
      const wait = () => full.waitForOutput("ready", { timeout: 500 });
      const message = /; its stdout is "piped", and nobody reads it; `sh .*` runs/;
      await writeLine(full);
      // On a busy machine there may be room for more of it for a while.
      await eventually(() => rejects(wait(), message));
    },
  },
  {
    name: "waitForOutput() refuses what cannot be waited for, at once",
    programs: ["sleep"],
    async run({ node }) {
      const nowhere = { stdout: "null", stderr: { file: "waits-stderr" } } as const;
      await using silent = await node.spawn("sleep", ["1000"], nowhere);
      await rejects(silent.waitForOutput("x"), { name: "TypeError", message: /go elsewhere/ });
      await using process = await node.spawn("sleep", ["1000"], { stdout: "null" });
      const elsewhere =
        / bytes of its stderr in 0 parts, as its stdout goes elsewhere; `sleep 1000` runs/;
      await rejects(process.waitForOutput("x", { timeout: 1 }), elsewhere);
      for (const pattern of ["", 5, undefined, null] as unknown as string[]) {
        const message = /^Cannot wait for output: the pattern must be a RegExp, or a string/;
        await rejects(process.waitForOutput(pattern), { name: "TypeError", message });
      }
      for (const options of [{ timeOut: 5 }, { timeout: "5" }, { signal: {} }, 5]) {
        await rejects(process.waitForOutput("x", options as object), TypeError);
      }
      await rejects(process.waitForOutput("x", { timeout: -1 }), RangeError);
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await rejects(process.waitForOutput("x", { signal }), (error) => error === reason);
      await node.remove("waits-stderr");
    },
  },
];
