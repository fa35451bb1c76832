import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { CommandError } from "../errors.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** Ends of processes by signals that Deno has no name for. */
export const unnamedSignalCases: readonly ConformanceCase[] = [
  {
    name: "run() tells the number of a signal that has no name by the code",
    systems: ["linux"],
    programs: ["sh"],
    async run({ node }) {
      const args = ["-c", "echo last words; kill -40 $$"];
      const result = await node.run("sh", args, { check: false });
      const { stdout, code, signal, success } = result;
      deepStrictEqual({ stdout, code, signal, success }, {
        stdout: "last words\n",
        code: 168,
        signal: null,
        success: false,
      });
      const error = await node.run("sh", args).catch((error) => error);
      ok(error instanceof CommandError, error);
      deepStrictEqual([error.code, error.signal, error.reason], [168, null, "exit"]);
    },
  },
  {
    name: "a process that a signal without a name ended is over for its node, too",
    systems: ["linux"],
    programs: ["sh"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      const process = await node.spawn("sh", ["-c", "read x; kill -40 $$"], { stdin: "piped" });
      await process.stdin.close();
      strictEqual((await process.status).code, 168);
      strictEqual(await process.stdout.text(), "");
      await process[Symbol.asyncDispose]();
    },
  },
];
