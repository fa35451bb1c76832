import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { RunOptions } from "../process/mod.ts";
import { CommandError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import { agentUsage } from "./agent_usage.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** Arguments that a shell would have torn apart. */
const AWKWARD_ARGUMENTS = [
  "",
  " ",
  "two words",
  "quo'te\"s",
  "$HOME `id` $(id)",
  "*",
  "new\nline",
  "-n",
  "--",
  "back\\slash",
  "日本語 🐛",
  "x".repeat(100_000),
];

/** Inputs that untyped code may give, and that cannot be read. */
const WRONG_INPUTS: readonly unknown[] = [
  5,
  null,
  ["a"],
  {},
  new Blob(["a"]),
  new ArrayBuffer(1),
  new Uint16Array(1),
];

/** Values of options that only untyped code can give. */
const WRONG_OPTIONS: Readonly<Record<string, readonly unknown[]>> = {
  stdin: ["inherit", {}, null, { file: "x" }],
  stdout: ["inherit", {}, null, 1, { file: 1 }],
  stderr: ["inherit", {}, null, 1, { file: 1 }],
  env: ["A=1", ["A=1"], null, 1, new Map([["A", "1"]])],
  maxOutput: ["5", null, {}],
};

/** So many commands are run before what is there is measured, and again. */
const COMMANDS = 3_000;

/** Rows in which they are run, one after another: to a node far away a single one would take long. */
const ROWS = 10;

/**
 * Bytes that the agent may grow by. What a collector has not got to yet is below them; a process of
 * which something is kept, 18 KiB, is above.
 */
const MAX_AGENT_GROWTH = COMMANDS * 10 * 1024;

/** Bytes that the runner's heap may grow by: its collector has more room than that of an agent. */
const MAX_HEAP_GROWTH = COMMANDS * 40 * 1024;

/** Commands that are run to their end. */
export const commandCases: readonly ConformanceCase[] = [
  {
    name: "run() resolves to what a command wrote, and how it ended",
    programs: ["sh"],
    async run({ node }) {
      const result = await node.run("sh", ["-c", "echo out; echo err >&2"]);
      const { stdout, stderr, code, signal, success, elapsed } = result;
      deepStrictEqual({ stdout, stderr, code, signal, success }, {
        stdout: "out\n",
        stderr: "err\n",
        code: 0,
        signal: null,
        success: true,
      });
      ok(elapsed >= 0);
    },
  },
  {
    name: "run() throws a CommandError that tells all when a command fails",
    programs: ["sh"],
    async run({ node }) {
      const script = "echo some output; echo 'what was wrong' >&2; exit 3";
      const error = await node.run("sh", ["-c", script]).catch((error) => error);
      ok(error instanceof CommandError);
      deepStrictEqual(error.command, ["sh", "-c", script]);
      const { code, signal, reason, stdout, stderr, node: name, backend } = error;
      deepStrictEqual({ code, signal, reason, stdout, stderr, name, backend }, {
        code: 3,
        signal: null,
        reason: "exit",
        stdout: "some output\n",
        stderr: "what was wrong\n",
        name: node.name,
        backend: node.backend,
      });
      for (const part of ["code 3", "what was wrong", "some output", node.name]) {
        ok(error.message.includes(part), error.message);
      }
    },
  },
  {
    name: "run() with check: false resolves whatever the exit code is",
    programs: ["sh"],
    async run({ node }) {
      for (const code of [0, 1, 127, 255]) {
        const result = await node.run("sh", ["-c", `exit ${code}`], { check: false });
        deepStrictEqual([result.code, result.success, result.signal], [code, code === 0, null]);
      }
    },
  },
  {
    name: "run() names the signal that ended a command",
    programs: ["sh"],
    async run({ node }) {
      for (const [signal, number] of [["SIGTERM", 15], ["SIGKILL", 9], ["SIGUSR1", 10]] as const) {
        const script = `kill -${number} $$`;
        const result = await node.run("sh", ["-c", script], { check: false });
        deepStrictEqual([result.signal, result.code, result.success], [
          signal,
          128 + number,
          false,
        ]);
        await rejects(
          node.run("sh", ["-c", script]),
          (error) => error instanceof CommandError && error.message.includes(signal),
        );
      }
    },
  },
  {
    name: "run() rejects with NotFound for a command that does not exist",
    async run({ node, dir }) {
      for (const command of ["no-such-command", `${node.rootDir}/${dir}/missing`, "./missing"]) {
        await rejects(
          node.run(command),
          (error) => error instanceof Deno.errors.NotFound && error.message.includes(command),
        );
      }
    },
  },
  {
    name: "run() rejects with PermissionDenied for what may not be run",
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/data`, "no program", { mode: 0o644 });
      const path = `${node.rootDir}/${dir}`;
      await rejects(node.run(`${path}/data`), Deno.errors.PermissionDenied);
      await rejects(node.run(path), Deno.errors.PermissionDenied);
    },
  },
  {
    name: "run() runs a program that the test sent, by a relative path",
    programs: ["sh"],
    async run({ node, dir }) {
      await node.writeTextFile(`${dir}/program`, '#!/bin/sh\necho "ran $1"\n', { mode: 0o755 });
      strictEqual((await node.run(`./${dir}/program`, ["x"])).stdout, "ran x\n");
    },
  },
  {
    name: "run() rejects bad input with one clear line, before anything is started",
    async run({ node }) {
      await rejects(node.run(""), TypeError);
      await rejects(node.run("x\0y"), TypeError);
      await rejects(node.run("sh", [], { cwd: "" }), /^TypeError: Cannot start "sh": cwd is empty/);
      await rejects(node.spawn("sh", [], { cwd: "" }), TypeError);
      await rejects(node.run("sh", "-c" as unknown as string[]), TypeError);
      await rejects(node.run("sh", [1 as unknown as string]), TypeError);
      await rejects(node.run("sh", [], { timeout: 0 }), RangeError);
      await rejects(node.run("sh", [], { maxOutput: -1 }), RangeError);
      await rejects(node.run("sh", [], { env: { "A=B": "" } }), TypeError);
      await rejects(node.run("sh", [], { input: "x", stdinFile: "y" }), TypeError);
      await rejects(node.run("cat", [], { stdin: "piped" } as RunOptions), /give "input"/);
    },
  },
  {
    name: "run() rejects with the error of its input, and the command sees no end of it",
    programs: ["sh"],
    async run({ node, dir }) {
      const script = `while read line; do :; done; echo imported > ${dir}/done`;
      const boom = new Error("boom");
      for (let i = 0; i < 10; i++) {
        let left = 2;
        const input = new ReadableStream<Uint8Array>({
          pull(controller) {
            if (left-- === 0) return controller.error(boom);
            controller.enqueue(new Uint8Array(1000));
          },
        });
        await rejects(node.run("sh", ["-c", script], { input }), (error) => error === boom);
        await rejects(node.lstat(`${dir}/done`), Deno.errors.NotFound);
      }
    },
  },
  {
    name: "an input of a wrong type is refused, before anything is started",
    async run({ node }) {
      const message = /^Cannot start "no-such-command": input must be a string, /;
      for (const input of WRONG_INPUTS as (string | undefined)[]) {
        const refusal = { name: "TypeError", message };
        await rejects(node.run("no-such-command", [], { input }), refusal);
        await rejects(node.spawn("no-such-command", [], { input }), refusal);
      }
    },
  },
  {
    name: "options of a wrong kind are refused by their names, before anything is started",
    async run({ node, cluster }) {
      for (const [option, values] of Object.entries(WRONG_OPTIONS)) {
        for (const value of values) {
          const refusal = { name: "TypeError", message: new RegExp(`\\b${option} must be `) };
          const options = { [option]: value };
          await rejects(node.run("no-such-command", [], options), refusal);
          if (option === "maxOutput") continue;
          await rejects(node.spawn("no-such-command", [], options), refusal);
        }
      }
      const env = "A=1" as unknown as Record<string, string>;
      await rejects(cluster.addNode({ env }), { name: "TypeError", message: /env must be / });
    },
  },
  {
    name: "an input that brings no bytes ends the command, and is cancelled",
    programs: ["cat"],
    async run({ node }) {
      for (const chunk of ["text", 5, null, new ArrayBuffer(1), new Uint16Array(1)]) {
        const { promise: cancelled, resolve: cancel } = Promise.withResolvers<unknown>();
        const input = new ReadableStream({ start: (it) => it.enqueue(chunk), cancel });
        const refusal = { name: "TypeError", message: /must bring chunks of Uint8Array, not / };
        await rejects(node.run("cat", [], { input }), refusal);
        ok(await cancelled instanceof TypeError);
        await using process = await node.spawn("cat", [], {
          input: ReadableStream.from([chunk]) as ReadableStream,
        });
        await rejects(process.status, refusal);
      }
    },
  },
  {
    name: "arguments reach a command as they are",
    programs: ["sh"],
    async run({ node }) {
      const script = 'for each in "$@"; do printf "%s\\n<end>\\n" "$each"; done';
      const { stdout } = await node.run("sh", ["-c", script, "sh", ...AWKWARD_ARGUMENTS]);
      deepStrictEqual(stdout.split("\n<end>\n").slice(0, -1), AWKWARD_ARGUMENTS);
    },
  },
  {
    name: "a command starts in rootDir, or in cwd",
    programs: ["sh"],
    async run({ node, dir }) {
      const pwd = async (cwd?: string) =>
        (await node.run("sh", ["-c", "pwd -P"], { cwd })).stdout.trimEnd();
      const root = await node.realPath(node.rootDir);
      strictEqual(await pwd(), root);
      strictEqual(await pwd(dir), `${root}/${dir}`);
      strictEqual(await pwd(`${node.rootDir}/${dir}`), `${root}/${dir}`);
      await node.writeTextFile(`${dir}/file`, "");
      await rejects(pwd(`${dir}/missing`), Deno.errors.NotFound);
      await rejects(pwd(`${dir}/file`), Deno.errors.NotADirectory);
    },
  },
  {
    name: "env is added to the node's environment, and clearEnv leaves nothing else",
    programs: ["sh", "env"],
    async run({ node }) {
      const value = "with = and\nnewline and ünïcode";
      const script = 'printf "%s|%s" "$ADDED" "${PATH:+path}"';
      const { stdout } = await node.run("sh", ["-c", script], { env: { ADDED: value } });
      strictEqual(stdout, `${value}|path`);
      const shell = (await node.run("sh", ["-c", "command -v env"])).stdout.trim();
      const cleared = await node.run(shell, [], { clearEnv: true, env: { ONLY: "this" } });
      const names = cleared.stdout.trim().split("\n").map((line) => line.split("=")[0]);
      ok(names.includes("ONLY") && !names.includes("HOME") && !names.includes("ADDED"));
    },
  },
  {
    name: "env of addNode() reaches every process, and env of a command goes before it",
    programs: ["sh"],
    async run({ cluster }) {
      await using node = await cluster.addNode({ env: { COLOUR: "blue", SHAPE: "round" } });
      const options = { env: { COLOUR: "red" } };
      const { stdout } = await node.run("sh", ["-c", "echo $COLOUR $SHAPE"], options);
      strictEqual(stdout, "red round\n");
    },
  },
  {
    name: "every process knows its node's address",
    programs: ["sh"],
    async run({ node }) {
      const { stdout } = await node.run("sh", ["-c", "echo $CLUSTERTEST_ADDRESS"]);
      strictEqual(stdout.trim(), node.address);
    },
  },
  {
    name: "commands are told in events, from start to end",
    programs: ["sh"],
    async run({ node, cluster }) {
      const events: ClusterEvent[] = [];
      using _subscription = cluster.events.subscribe((event) => events.push(event));
      await node.run("sh", ["-c", "echo output; exit 2"], { check: false });
      const [start, end] = events.filter((event) => "command" in event);
      ok(start?.type === "command-started" && end?.type === "command-ended");
      deepStrictEqual([start.node, start.process, start.command], [
        node.name,
        end.process,
        ["sh", "-c", "echo output; exit 2"],
      ]);
      deepStrictEqual([end.code, end.signal, end.stdout], [2, null, "output\n"]);
    },
  },
  {
    name: "two hundred commands run at once",
    programs: ["sh"],
    async run({ node }) {
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const results = await Promise.all(
        numbers.map((i) => node.run("sh", ["-c", `echo ${i}; exit ${i % 3}`], { check: false })),
      );
      deepStrictEqual(
        results.map(({ stdout, code }) => [stdout, code]),
        numbers.map((i) => [`${i}\n`, i % 3]),
      );
    },
  },
  {
    name: "thousands of commands in a row leave the runner and the agent as they were",
    programs: ["true"],
    async run({ node }) {
      const commands = async () => {
        const row = async () => {
          for (let i = 0; i < COMMANDS / ROWS; i++) await node.run("true");
        };
        await Promise.all(Array.from({ length: ROWS }, row));
        return { heap: Deno.memoryUsage().heapUsed, agent: await agentUsage(node) };
      };
      const before = await commands();
      const after = await commands();
      const heap = after.heap - before.heap;
      ok(heap < MAX_HEAP_GROWTH, `The runner's heap grew by ${heap} bytes`);
      if (!before.agent || !after.agent) return;
      const memory = after.agent.resident - before.agent.resident;
      ok(memory < MAX_AGENT_GROWTH, `The agent grew by ${memory} bytes`);
      const files = after.agent.openFiles - before.agent.openFiles;
      ok(files < COMMANDS / 100, `The agent has ${files} more files open`);
      const threads = after.agent.threads - before.agent.threads;
      ok(threads < COMMANDS / 100, `The agent has ${threads} more threads`);
    },
  },
];
