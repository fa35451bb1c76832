import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { eventually } from "../waiting/mod.ts";
import type { ClusterEvent } from "../events/mod.ts";
import { eventLine, isOngoing } from "../events/mod.ts";
import { local } from "../local/mod.ts";
import type { Node } from "../node/mod.ts";
import { Cluster } from "./cluster.ts";

/** What a test says of itself, of the events of a cluster, from now on. */
function wordsOf({ events }: Cluster): ClusterEvent[] {
  const words: ClusterEvent[] = [];
  events.subscribe((event) => {
    if (/^(note|measure|step-.*)$/.test(event.type)) words.push(event);
  });
  return words;
}

function lines(events: readonly ClusterEvent[]): string[] {
  return events.flatMap((event) => isOngoing(event) ? [] : [eventLine(event)])
    .map((line) => line.replace(/\d+\.\d ms/, "N ms"));
}

Deno.test("notes, measures and steps are events, and each has a line", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  const words = wordsOf(cluster);
  cluster.note("all clients write");
  cluster.measure("latency", 12.5, { node, unit: "ms" });
  cluster.measure("leaders", 0);
  strictEqual(await cluster.step("outer", () => cluster.step("inner", () => 7)), 7);
  const boom = new Error("boom");
  await rejects(cluster.step("failing", () => Promise.reject(boom)), (error) => error === boom);
  deepStrictEqual(
    lines(words),
    [
      "note: all clients write",
      "measured node1, latency: 12.5 ms",
      "measured leaders: 0",
      'step "outer" started',
      'step "inner" started',
      'step "inner" ended after N ms',
      'step "outer" ended after N ms',
      'step "failing" started',
      'step "failing" failed after N ms: Error: boom',
    ].map((line) => line.replace("12.5 ms", "N ms")),
  );
  const steps = words.flatMap((event) => event.type === "step-started" ? [event.step] : []);
  strictEqual(new Set(steps).size, 3);
  const ended = words.flatMap((event) => event.type === "step-ended" ? [event.step] : []);
  deepStrictEqual(ended, [steps[1], steps[0], steps[2]]);
});

Deno.test("what a test begins is recorded with the lines of the test that have begun it", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  const places: string[] = [];
  cluster.events.subscribe((event) => {
    if ("places" in event) places.push(`${event.type} ${event.places?.join(" ")}`);
  });
  await using listener = await node.listen({ port: 0 });
  await cluster.step("all of it", async () => {
    await node.run("true");
    await node.waitForPort((listener.addr as Deno.NetAddr).port);
    await using process = await node.spawn("echo", ["ready"]);
    await process.waitForOutput("ready");
    await eventually(() => node.run("true"));
  });
  const here = new URL(import.meta.url).pathname;
  const lines = places.map((place) => place.replaceAll(here, "").replaceAll(/:\d+:\d+/g, ":L"));
  // The runtime tells of a call within a step also where the step was begun.
  deepStrictEqual(lines.map((line) => line.replace(/( :L)+$/, " :L")), [
    ...["step-started :L", "command-started :L", "wait-started :L"],
    ...["command-started :L", "wait-started :L"],
    ...["wait-started :L", "command-started :L"],
  ]);
});

Deno.test("a step that throws at once is recorded, and throws the same", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const words = wordsOf(cluster);
  const thrower = () => {
    throw undefined;
  };
  strictEqual(await cluster.step("odd", thrower).catch((thrown) => thrown ?? "nothing"), "nothing");
  const end = words.at(-1);
  ok(end?.type === "step-ended" && end.error === "undefined");
});

/** What nobody should pass, and what is said of it. */
const REFUSED:
  readonly (readonly [what: string, call: (c: Cluster) => unknown, message: RegExp])[] = [
    ["a note of nothing", (c) => c.note(" \n"), /^Cannot note it: a note must not be empty$/],
    [
      "a note that is no text",
      (c) => c.note({} as string),
      /a note must be a string, not a Object$/,
    ],
    ["a long note", (c) => c.note("x".repeat(10_001)), /has 10001 characters, and 10000 at most$/],
    [
      "no number",
      (c) => c.measure("a", "1" as unknown as number),
      /must be a number, not a String$/,
    ],
    ["a bigint", (c) => c.measure("a", 1n as unknown as number), /must be a number, not a BigInt$/],
    ["what is not finite", (c) => c.measure("a", NaN), /must be finite, not NaN$/],
    ["infinity", (c) => c.measure("a", -Infinity), /must be finite, not -Infinity$/],
    ["no name", (c) => c.measure("", 1), /its name must not be empty$/],
    ["a long name", (c) => c.measure("x".repeat(201), 1), /201 characters, and 200 at most$/],
    ["a long unit", (c) => c.measure("a", 1, { unit: "x".repeat(41) }), /41 characters/],
    ["an empty unit", (c) => c.measure("a", 1, { unit: "" }), /its unit must not be empty$/],
    [
      "the name of a node",
      (c) => c.measure("a", 1, { node: "node1" as unknown as Node }),
      /its node/,
    ],
    ["an unknown option", (c) => c.measure("a", 1, { units: "ms" } as object), /mean "unit"\?$/],
    [
      "no options",
      (c) => c.measure("a", 1, null as unknown as object),
      /options must be an object/,
    ],
  ];

Deno.test("notes and measures refuse what cannot be shown, at the author's line", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const words = wordsOf(cluster);
  for (const [what, call, message] of REFUSED) {
    throws(() => call(cluster), (error: Error) => {
      match(error.message, message, what);
      match(error.stack!, /author_events_test\.ts/);
      return true;
    });
  }
  const step = cluster.step("", () => 1);
  await rejects(step, { name: "TypeError", message: /its name must not be empty$/ });
  const text = cluster.step("a", "body" as unknown as () => void);
  await rejects(text, { name: "TypeError", message: /must be a function, not a String$/ });
  deepStrictEqual(words, []);
});

Deno.test("a measure is of a node of the cluster, also of one that is gone", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  await using other = await Cluster.create(local(), { progress: false });
  const [node, stranger] = await Promise.all([cluster.addNode(), other.addNode()]);
  throws(() => cluster.measure("a", 1, { node: stranger }), /must be one of this cluster$/);
  await node.destroy();
  const words = wordsOf(cluster);
  cluster.measure("a", 1, { node });
  deepStrictEqual(lines(words), ["measured node1, a: 1"]);
});

Deno.test("what a test says when its cluster is gone harms nothing", async () => {
  const cluster = await Cluster.create(local(), { progress: false });
  await cluster[Symbol.asyncDispose]();
  cluster.note("late");
  cluster.measure("late", 1);
  strictEqual(await cluster.step("late", () => 1), 1);
});
