import { deepStrictEqual } from "node:assert/strict";
import type { ClusterEvent, EventDetail } from "../events/mod.ts";
import { LatestEvents } from "./latest_events.ts";

/** What is listed of events, each a second after the one before. */
function listed(...events: readonly EventDetail[]): [string, number, number][] {
  const latest = new LatestEvents();
  for (const [i, event] of events.entries()) {
    latest.take({ ...event, time: i * 1000, cluster: "a" } as ClusterEvent);
  }
  return latest.all.map(({ text, count, since }) => [text, count, since]);
}

/** A command that has begun and ended, at a node. */
function tried(node: string, number: number, code = 1): EventDetail[] {
  const about = { node, process: `process${number}`, command: ["grep", "-q", "ready"] };
  const end = { code, signal: null, elapsed: number, stdout: "", stderr: "" };
  return [
    { type: "command-started", ...about, pid: number },
    { type: "command-ended", ...about, ...end },
  ];
}

const note = (text: string): EventDetail => ({ type: "note", text });

Deno.test("LatestEvents tells once of what happened again and again, with what came before it", () => {
  const again = Array.from({ length: 100 }, (_, i) => tried("node1", i)).flat();
  deepStrictEqual(listed(note("before"), ...again, note("after")), [
    ["note: before", 1, 0],
    ["node1 ended grep -q ready with 1 after 99.0 ms", 100, 2000],
    ["note: after", 1, 201_000],
  ]);
});

Deno.test("LatestEvents keeps what differs by a name or by its words, and what goes on", () => {
  const [started] = tried("node3", 7);
  const [one, two] = [[...tried("node1", 1, 0), ...tried("node1", 1)], tried("node2", 2)];
  const events = [...one, ...two, started!, note("a"), note("b")];
  deepStrictEqual(listed(...events).map(([text]) => text), [
    "node1 ended grep -q ready with 0 after 1.0 ms",
    "node1 ended grep -q ready with 1 after 1.0 ms",
    "node2 ended grep -q ready with 1 after 2.0 ms",
    "node3 runs grep -q ready",
    "note: a",
    "note: b",
  ]);
});

Deno.test("LatestEvents leaves out what nobody looks for, and keeps the latest of many", () => {
  const letters = Array.from({ length: 20 }, (_, i) => note(String.fromCharCode(97 + i)));
  const clock: EventDetail = { type: "node-clock", node: "node1", offset: 1 };
  const tunnel = { node: "node1", tunnel: "tunnel1" };
  const opened: EventDetail = { type: "tunnel-opened", ...tunnel, target: "127.0.0.1:80" };
  const closed: EventDetail = { type: "tunnel-closed", ...tunnel };
  const texts = listed(...letters, clock, opened, closed).map(([text]) => text);
  deepStrictEqual(listed({ type: "tunnel-closed", ...tunnel, error: "reset" }).length, 1);
  deepStrictEqual(
    texts,
    letters.slice(-12).map((each) => `note: ${(each as { text: string }).text}`),
  );
});
