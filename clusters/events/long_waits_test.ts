import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { ClusterEvent, EventDetail } from "./events.ts";
import { EventStream } from "./event_stream.ts";
import { LongWaits } from "./long_waits.ts";

/** The lines of waits that somebody has the patience for; the next one can be awaited. */
class Told {
  readonly lines: string[] = [];
  #next = Promise.withResolvers<void>();

  readonly print = (line: string): void => {
    this.lines.push(line);
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  };

  get next(): Promise<void> {
    return this.#next.promise;
  }
}

/** Keeps the event loop going, which the timers of waits do not. */
function keepAlive(): Disposable {
  const interval = setInterval(() => {}, 60_000);
  return { [Symbol.dispose]: () => clearInterval(interval) };
}

function stamped(detail: EventDetail): ClusterEvent {
  return { time: 0, cluster: "abc", ...detail };
}

function started(node: string): ClusterEvent {
  return stamped({ type: "wait-started", node, call: "node.waitForPort(80)" });
}

function ended(node: string): ClusterEvent {
  return stamped({
    ...{ type: "wait-ended", node, call: "node.waitForPort(80)", tries: 3, elapsed: 6_000 },
  });
}

Deno.test("LongWaits tells of waits that last, a few by name, and of the ends of those", async () => {
  using _alive = keepAlive();
  const told = new Told();
  using waits = new LongWaits(told.print, { patience: 1 });
  const nodes = ["a", "b", "c", "d", "e"];
  for (const node of nodes) waits.take(started(node));
  await told.next;
  const named = ["a", "b", "c"].map((node) => `${node}: node.waitForPort(80)`).join("; ");
  deepStrictEqual(told.lines, [`waiting: ${named}; and 2 more …`]);
  for (const node of nodes) waits.take(ended(node));
  strictEqual(told.lines.length, 4);
  match(told.lines[3]!, /^c was waited for 6000\.0 ms, 3 tries: node\.waitForPort\(80\)$/);
  const next = told.next;
  waits.take(started("f"));
  await next;
  strictEqual(told.lines.at(-1), "waiting: f: node.waitForPort(80) …");
});

Deno.test("LongWaits says nothing of short waits, and leaves no timer", () => {
  const told = new Told();
  using waits = new LongWaits(told.print, { patience: 60_000 });
  for (const event of [started("a"), started("a"), ended("a"), ended("b")]) waits.take(event);
  deepStrictEqual(told.lines, []);
});

Deno.test("LongWaits lets no name of a wait act on a terminal", async () => {
  using _alive = keepAlive();
  const told = new Told();
  using waits = new LongWaits(told.print, { patience: 0 });
  const events = new EventStream("abc");
  events.subscribe((event) => waits.take(event));
  events.emit({ type: "wait-started", node: "a", call: "process.waitForOutput(\x1b[2J\n)" });
  await told.next;
  strictEqual(told.lines[0]!.includes("\x1b"), false);
  strictEqual(told.lines[0]!.includes("\n"), false);
});
