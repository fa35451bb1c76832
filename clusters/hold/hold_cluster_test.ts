import assert from "node:assert/strict";
import { join } from "node:path";
import type { Screen } from "../../agent/testing/screen.ts";
import { awaitState } from "../guardian/testing/command_lines.ts";
import { Desk } from "./testing/desk.ts";
import type { Way } from "./testing/held_runner.ts";

const RUNNER = new URL("./testing/held_runner.ts", import.meta.url).pathname;
const COMMAND = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", RUNNER];

/** Milliseconds until the guardian of a killed runner has removed its nodes, on a busy machine. */
const WITHIN = 20_000;

/** A cluster that is to be held. */
interface HeldCluster {
  readonly name: string;
  readonly way: Way;
  /** @default "look at it" */
  readonly text?: string;
}

/** Somebody at this machine, in a place of its own: prompts of other users are no part of it. */
class Place {
  readonly path: string;
  readonly desk: Desk;

  constructor(path: string, desk: Desk) {
    this.path = path;
    this.desk = desk;
  }

  /** Holds a cluster on a terminal of its own. */
  hold({ name, way, text = "look at it" }: HeldCluster): Promise<Screen> {
    return this.desk.type(`${COMMAND.join(" ")} ${name} ${way} '${text}'`);
  }

  /** Waits until neither nodes nor locks are left, also of a process that was killed. */
  async isEmpty(): Promise<void> {
    const folder = join(this.path, `clustertest-${Deno.uid()}`);
    const left = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    await awaitState(() => Promise.resolve(left()), ({ length }) => length === 0, WITHIN);
  }
}

function terminalTest(name: string, fn: (place: Place) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const path = await Deno.makeTempDir({ dir: "/tmp", prefix: "ct-hold-" });
      try {
        await using desk = await Desk.open({ CLUSTERTEST_NODES: path });
        const place = new Place(path, desk);
        await fn(place);
        await place.isEmpty();
      } finally {
        await Deno.remove(path, { recursive: true });
      }
    },
  });
}

terminalTest("hold() waits for Enter, and says how to look in", async (place) => {
  await using held = await place.hold({ name: "store", way: "hold", text: "look\x1b[2J at node1" });
  await held.shows(
    /store is held: look\\x1b\[2J at node1\r\n {2}its nodes: node1 \(127\.\S+\)\r\n/,
  );
  await held.shows(/ {2}a terminal on one: deno \S+ .*shell\S* store-[0-9a-f]{12}\/node1\r\n/);
  await held.shows(/Press Enter to go on; otherwise that is in 60 minutes\r\n/);
  assert.doesNotMatch(held.all, /went on/);
  await held.type("\n");
  await held.shows(/released: Enter was pressed\r\nwent on\r\n/);
  assert.equal(await held.ended(), 0);
});

const ENDS: readonly (readonly [Way, RegExp])[] = [
  ["abort", /released: given up\r\nrejected: given up\r\n/],
  ["fail", /It goes on: its test is over\r\n[^]*rejected: Error: its test is over\r\n/],
  ["lose", /It goes on: no node of it is left\r\n[^]*went on\r\n/],
  [
    "dispose",
    /It goes on: The cluster was disposed\r\n[^]*rejected: BadResource: The cluster was disposed\r\n/,
  ],
];

for (const [way, shown] of ENDS) {
  terminalTest(`hold() ends without Enter: ${way}`, async (place) => {
    await using held = await place.hold({ name: "store", way });
    await held.shows(shown);
    assert.equal(await held.ended(), 0);
  });
}

terminalTest("keepCluster() keeps a cluster until Enter is pressed", async (place) => {
  await using held = await place.hold({ name: "store", way: "keep", text: "its test has failed" });
  await held.shows(/store is held: its test has failed\r\n/);
  await held.type("\n");
  await held.shows(/went on/);
  assert.equal(await held.ended(), 0);
});

terminalTest(
  "of several held clusters one asks at a time, and a fourth is not held",
  async (place) => {
    await using first = await place.hold({ name: "first", way: "hold" });
    await first.shows(/first is held/);
    await using second = await place.hold({ name: "second", way: "hold" });
    await using third = await place.hold({ name: "third", way: "hold" });
    await Promise.all([second.shows(/^held$/m), third.shows(/^held$/m)]);
    await using fourth = await place.hold({ name: "fourth", way: "hold" });
    await fourth.shows(
      /warning: Cannot hold the cluster \(look at it\): 3 others are held\r\nwent on\r\n/,
    );
    assert.doesNotMatch(second.all + third.all, /is held/);
    await first.type("\n");
    const asking = () => [second, third].filter(({ all }) => /is held/.test(all));
    const names = () => Promise.resolve(asking().map(({ all }) => all));
    await awaitState(names, ({ length }) => length > 0, WITHIN);
    const next = asking()[0]!;
    const last = next === second ? third : second;
    assert.doesNotMatch(last.all, /is held/);
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
    const warned =
      /warning: Cannot hold the cluster \(look\): there is no terminal[^\r\n]*\r\nwent on\r\n/;
    await using continuous = await place.desk.type(COMMAND.join(" "), { CI: "true" });
    await continuous.shows(warned);
    await using background = await place.desk.type(`set -m; ${COMMAND.join(" ")} & wait`);
    await background.shows(warned);
    await Promise.all([continuous.ended(), background.ended()]);
  },
);
