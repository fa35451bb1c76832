import assert from "node:assert/strict";
import { join } from "node:path";
import { runTool } from "../../agent/build/run_tool.ts";
import { awaitState } from "../guardian/testing/command_lines.ts";
import { requirement } from "../requirement.ts";
import type { Way } from "./testing/held_runner.ts";
import { TerminalProgram } from "./testing/terminal_program.ts";

const RUNNER = new URL("./testing/held_runner.ts", import.meta.url).pathname;
const COMMAND = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", RUNNER];

/** Milliseconds until the guardian of a killed runner has removed its nodes, on a busy machine. */
const WITHIN = 20_000;

const terminal = await requirement(
  "a terminal by script of util-linux",
  () => runTool(["script", "--version"]),
);

/** Holds a cluster on a terminal of its own, in a folder of its own; prompts of other users are no part of it. */
class Held extends TerminalProgram {
  readonly place: string;

  constructor(
    name: string,
    way: Way,
    { place, text = "look at it" }: { place: string; text?: string },
  ) {
    super(`${COMMAND.join(" ")} ${name} ${way} '${text}'`, { CLUSTERTEST_NODES: place });
    this.place = place;
  }
}

function terminalTest(
  name: string,
  fn: (place: string) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: terminal === undefined,
    async fn() {
      const place = await Deno.makeTempDir({ dir: "/tmp", prefix: "ct-hold-" });
      try {
        await fn(place);
        // Neither nodes nor locks are left, also of a process that was killed.
        const folder = join(place, `clustertest-${Deno.uid()}`);
        const left = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
        await awaitState(() => Promise.resolve(left()), ({ length }) => length === 0, WITHIN);
      } finally {
        await Deno.remove(place, { recursive: true });
      }
    },
  });
}

terminalTest("hold() waits for Enter, and says how to look in", async (place) => {
  await using held = new Held("store", "hold", { place, text: "look\x1b[2J at node1" });
  await held.shows(/store is held: look\\x1b\[2J at node1\n {2}its nodes: node1 \(127\.\S+\)\n/);
  await held.shows(/ {2}a terminal on one: deno \S+ .*shell\S* store-[0-9a-f]{12}\/node1\n/);
  await held.shows(/Press Enter to go on; otherwise that is in 60 minutes\n/);
  assert.doesNotMatch(held.output, /went on/);
  await held.type("\n");
  await held.shows(/released: Enter was pressed\nwent on\n/);
  assert.equal(await held.ended(), 0);
});

const ENDS: readonly (readonly [Way, RegExp])[] = [
  ["abort", /released: given up\nrejected: given up\n/],
  ["fail", /It goes on: its test is over\n[^]*rejected: Error: its test is over\n/],
  ["lose", /It goes on: no node of it is left\n[^]*went on\n/],
  [
    "dispose",
    /It goes on: The cluster was disposed\n[^]*rejected: BadResource: The cluster was disposed\n/,
  ],
];

for (const [way, shown] of ENDS) {
  terminalTest(`hold() ends without Enter: ${way}`, async (place) => {
    await using held = new Held("store", way, { place });
    await held.shows(shown);
    assert.equal(await held.ended(), 0);
  });
}

terminalTest("keepCluster() keeps a cluster until Enter is pressed", async (place) => {
  await using held = new Held("store", "keep", { place, text: "its test has failed" });
  await held.shows(/store is held: its test has failed\n/);
  await held.type("\n");
  await held.shows(/went on/);
  assert.equal(await held.ended(), 0);
});

terminalTest(
  "of several held clusters one asks at a time, and a fourth is not held",
  async (place) => {
    await using first = new Held("first", "hold", { place });
    await first.shows(/first is held/);
    await using second = new Held("second", "hold", { place });
    await using third = new Held("third", "hold", { place });
    await Promise.all([second.shows(/^held$/m), third.shows(/^held$/m)]);
    await using fourth = new Held("fourth", "hold", { place });
    await fourth.shows(
      /warning: Cannot hold the cluster \(look at it\): 3 others are held\nwent on\n/,
    );
    assert.doesNotMatch(second.output + third.output, /is held/);
    await first.type("\n");
    const asking = () => [second, third].filter(({ output }) => /is held/.test(output));
    const names = () => Promise.resolve(asking().map(({ output }) => output));
    await awaitState(names, ({ length }) => length > 0, WITHIN);
    const next = asking()[0]!;
    const last = next === second ? third : second;
    assert.doesNotMatch(last.output, /is held/);
    // A process that dies gives its prompt to the next one.
    await next[Symbol.asyncDispose]();
    await last.shows(/third is held|second is held/);
    await last.type("\n");
    await last.shows(/went on/);
    assert.equal(await last.ended(), 0);
  },
);

Deno.test("hold() goes on at once without a terminal, and says so", async () => {
  const place = await Deno.makeTempDir({ dir: "/tmp", prefix: "ct-hold-" });
  const [program, ...args] = COMMAND;
  const output = await new Deno.Command("setsid", {
    args: ["--wait", program!, ...args],
    env: { CI: "", CLUSTERTEST_NODES: place },
  }).output();
  assert.equal(
    new TextDecoder().decode(output.stdout),
    "warning: Cannot hold the cluster (look): there is no terminal at which somebody could look in\n" +
      "went on\n",
  );
  await Deno.remove(place, { recursive: true });
});

terminalTest(
  "hold() goes on at once where CI says that nobody is there, and in the background",
  async (place) => {
    const env = { CLUSTERTEST_NODES: place };
    const warned =
      /warning: Cannot hold the cluster \(look\): there is no terminal[^\n]*\nwent on\n/;
    await using continuous = new TerminalProgram(COMMAND.join(" "), { ...env, CI: "true" });
    await continuous.shows(warned);
    await using background = new TerminalProgram(`set -m; ${COMMAND.join(" ")} & wait`, env);
    await background.shows(warned);
    await Promise.all([continuous.ended(), background.ended()]);
  },
);
