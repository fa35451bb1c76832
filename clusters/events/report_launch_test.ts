import assert from "node:assert/strict";
import { EventStream } from "./event_stream.ts";
import type { ClusterEvent } from "./events.ts";
import { reportLaunch } from "./report_launch.ts";

/** What an event says, whenever that was. */
function withoutTimes({ time: _, cluster: __, ...event }: ClusterEvent): Record<string, unknown> {
  const { elapsed: ___, ...rest } = { elapsed: 0, ...event };
  return rest;
}

const names = ["node1", "node2"];

Deno.test("reportLaunch() tells of a launch that takes a while", async () => {
  const events = new EventStream("abc");
  const seen: ClusterEvent[] = [];
  const { promise: reported, resolve } = Promise.withResolvers<void>();
  using _subscription = events.subscribe((event) => {
    seen.push(event);
    resolve();
  });
  const launch = { emit: events.emit, id: "launch1", names };
  const result = await reportLaunch(launch, async (onLaunched) => {
    onLaunched();
    await reported;
    onLaunched();
    return "launched";
  });
  assert.equal(result, "launched");
  const about = { work: "launch1", kind: "launch", label: "launching node1, node2", total: 2 };
  assert.deepEqual(seen.map((event) => withoutTimes(event)), [
    { type: "work-started", ...about, done: 1, unit: "nodes" },
    { type: "work-progress", ...about, done: 2, unit: "nodes" },
    { type: "work-ended", ...about, done: 2, unit: "nodes" },
  ]);
});

Deno.test("reportLaunch() says why a launch that took a while failed", async () => {
  const events = new EventStream("abc");
  const iterator = events[Symbol.asyncIterator]();
  const first = iterator.next();
  const launch = { emit: events.emit, id: "launch1", names: ["node1"] };
  await assert.rejects(
    reportLaunch(launch, async () => {
      await first;
      throw new Error("there is no room");
    }),
    /there is no room/,
  );
  const end = (await iterator.next()).value as ClusterEvent;
  assert.ok(end.type === "work-ended");
  assert.equal(end.label, "launching node1");
  assert.equal(end.error, "Error: there is no room");
});

Deno.test("reportLaunch() says nothing of a launch that is over soon", async () => {
  const events = new EventStream("abc");
  const seen: ClusterEvent[] = [];
  using _subscription = events.subscribe((event) => seen.push(event));
  const launch = { emit: events.emit, id: "launch1", names };
  await reportLaunch(launch, (onLaunched) => Promise.resolve(onLaunched()));
  assert.deepEqual(seen, []);
});
