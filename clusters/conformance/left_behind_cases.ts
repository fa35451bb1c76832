import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { CommandError } from "../errors.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { UNTIL_GONE_PROGRAMS, untilGone } from "./until_gone.ts";

const PROGRAMS = ["sh", "sleep"];

/** More than a command that waited for what it has left behind would get by with. */
const TIMEOUT = 30_000;

/** Runs a script that leaves a process behind whose number is the last word that it writes. */
async function leaveBehind(node: Node, script: string): Promise<{ stdout: string; pid: string }> {
  const { stdout } = await node.run("sh", ["-c", script], { timeout: TIMEOUT });
  return { stdout, pid: stdout.trimEnd().split(/\s/).at(-1)! };
}

/** Fails unless it lives; ends it. */
async function endLiving(node: Node, pid: string): Promise<void> {
  await node.run("sh", ["-c", 'kill -0 "$1" && kill "$1"', "sh", pid]);
}

/** Commands that leave processes behind which hold their outputs, as those that start daemons do. */
export const leftBehindCases: readonly ConformanceCase[] = [
  {
    name: "run() resolves when its command has ended, and leaves alive what that has left behind",
    programs: PROGRAMS,
    async run({ node }) {
      const { stdout, pid } = await leaveBehind(node, "sleep 1000 & echo started $!");
      strictEqual(stdout, `started ${pid}\n`);
      await endLiving(node, pid);
    },
  },
  {
    name: "run() resolves although what its command has left behind goes on writing",
    programs: PROGRAMS,
    async run({ node, dir }) {
      const loop = 'while :; do echo more >&2; echo . >> "$0"; sleep 0.02; done';
      const { pid } = await leaveBehind(node, `sh -c '${loop}' ${dir}/written & echo $!`);
      const { size } = await node.stat(`${dir}/written`);
      while ((await node.stat(`${dir}/written`)).size <= size);
      await endLiving(node, pid);
    },
  },
  {
    name: "run() has all that its command wrote, although a process that it left behind is silent",
    programs: [...PROGRAMS, "dd"],
    async run({ node }) {
      const write = "dd if=/dev/zero bs=65536 count=160 2>/dev/null";
      const options = { timeout: TIMEOUT };
      const { stdoutBytes, stderr } = await node.run(
        "sh",
        ["-c", `sleep 1000 & echo $! >&2; ${write}`],
        options,
      );
      strictEqual(stdoutBytes.length, 160 * 65536);
      await endLiving(node, stderr.trim());
    },
  },
  {
    name: "a command that left a process behind fails as it ended, and was not killed",
    programs: PROGRAMS,
    async run({ node }) {
      const error = await node.run("sh", ["-c", "sleep 1000 & echo $!; exit 3"], {
        timeout: TIMEOUT,
      }).catch((error) => error);
      ok(error instanceof CommandError);
      deepStrictEqual([error.reason, error.code, error.signal], ["exit", 3, null]);
      await endLiving(node, error.stdout.trim());
    },
  },
  {
    name: "what a command has left behind is gone with its node",
    programs: UNTIL_GONE_PROGRAMS,
    abilities: ["restart"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      const { pid } = await leaveBehind(node, "sleep 1000 & echo $!");
      await node.restart();
      await untilGone(node, pid);
    },
  },
];
