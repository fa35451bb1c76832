import assert from "node:assert/strict";
import { EventStream } from "./event_stream.ts";
import type { ClusterEvent } from "./events.ts";

function warn(events: EventStream, message: string): void {
  events.emit({ type: "warning", message });
}

function messages(events: readonly ClusterEvent[]): string[] {
  return events.map((event) => event.type === "warning" ? event.message : event.type);
}

Deno.test("emit() adds the time and the cluster", () => {
  const events = new EventStream("abc");
  const seen: ClusterEvent[] = [];
  using _subscription = events.subscribe((event) => seen.push(event));
  const before = Date.now();
  warn(events, "careful");
  const [{ time, ...event }] = seen as [ClusterEvent];
  assert.deepEqual(event, { type: "warning", message: "careful", cluster: "abc" });
  assert.ok(time >= before && time <= Date.now());
});

Deno.test("subscribe() sees the events from then on until it is disposed", () => {
  const events = new EventStream("abc");
  const seen: ClusterEvent[] = [];
  warn(events, "before");
  {
    using _subscription = events.subscribe((event) => seen.push(event));
    warn(events, "one");
    warn(events, "two");
  }
  warn(events, "after");
  assert.deepEqual(messages(seen), ["one", "two"]);
});

Deno.test("emit() tells the other listeners when one throws, and of that", () => {
  const events = new EventStream("abc");
  const seen: ClusterEvent[] = [];
  using _failing = events.subscribe(() => {
    throw new Error("mine");
  });
  using _other = events.subscribe((event) => seen.push(event));
  events.emit({ type: "node-lost", node: "node1", reason: "of a test" });
  warn(events, "careful");
  assert.deepEqual(messages(seen), [
    "node-lost",
    'A listener failed at the event "node-lost": Error: mine',
    "careful",
  ]);
});

Deno.test("iteration yields what happens, in order, until the end", async () => {
  const events = new EventStream("abc");
  const all = Array.fromAsync(events);
  for (const message of ["one", "two", "three"]) warn(events, message);
  events.end();
  assert.deepEqual(messages(await all), ["one", "two", "three"]);
});

Deno.test("iteration waits for what has not happened yet", async () => {
  const events = new EventStream("abc");
  const iterator = events[Symbol.asyncIterator]();
  const first = iterator.next();
  await Promise.resolve();
  warn(events, "late");
  assert.deepEqual(messages([(await first).value as ClusterEvent]), ["late"]);
  const second = iterator.next();
  events.end();
  assert.deepEqual(await second, { done: true, value: undefined });
});

Deno.test("iteration ends at once when the stream has ended", async () => {
  const events = new EventStream("abc");
  events.end();
  assert.deepEqual(await Array.fromAsync(events), []);
});

Deno.test("iteration may be left, and others go on", async () => {
  const events = new EventStream("abc");
  const all = Array.fromAsync(events);
  const left = (async () => {
    for await (const event of events) return messages([event]);
  })();
  warn(events, "one");
  assert.deepEqual(await left, ["one"]);
  warn(events, "two");
  events.end();
  assert.deepEqual(messages(await all), ["one", "two"]);
});

Deno.test("iteration fails when it lags too far behind", async () => {
  const events = new EventStream("abc");
  const next = events[Symbol.asyncIterator]().next();
  for (let i = 0; i <= 100_000; i++) warn(events, `${i}`);
  await assert.rejects(next, /Cannot follow events: 100000 of them wait to be read/);
});
