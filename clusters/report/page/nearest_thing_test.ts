import { deepStrictEqual } from "node:assert/strict";
import type { ReportData, ReportMark, ReportSpan } from "../report_data.ts";
import { nearestThing } from "./nearest_thing.ts";

const SPANS: readonly ReportSpan[] = [
  { lane: 0, kind: "test", start: 0, end: 900, state: "ok", label: "test" },
  { lane: 1, kind: "process", start: 100.3, end: 500, state: "ok", label: "a", process: 1 },
  { lane: 1, kind: "process", start: 110, end: 500.4, state: "failed", label: "b", process: 2 },
  { lane: 2, kind: "process", start: 500, state: "open", label: "c", process: 3 },
  { lane: 1, kind: "fault", start: 300, state: "open", label: "isolate", concerns: [1, 2] },
  {
    ...{ lane: 1, kind: "fault", start: 780, settled: 790, healing: 810, end: 900 },
    ...{ state: "ok", label: "slow", concerns: [1, 2] },
  },
];

const MARKS: readonly ReportMark[] = [
  { lane: 2, time: 700, kind: "event", label: "here" },
  { lane: 1, time: 700, kind: "failure", label: "gone" },
];

const DATA: ReportData = {
  ...{ run: "run", started: 0, duration: 1000, spans: SPANS, marks: MARKS },
  lanes: [{ cluster: "a", facts: [] }, { cluster: "a", facts: [] }, { cluster: "a", facts: [] }],
  ...{ outputs: [], series: [], omitted: [] },
};

const span = (index: number) => ({ kind: "span", index }) as const;
const mark = (index: number) => ({ kind: "mark", index }) as const;

const moments = [
  ["what began then", { time: 100 }, span(1)],
  ["what failed, of several that ended then", { time: 500 }, span(2)],
  ["what is in the lane", { time: 500, lane: 2 }, span(3)],
  ["what happened then", { time: 699, lane: 2 }, mark(0)],
  ["a fault, also when its healing began", { time: 810, lane: 2, kind: "fault" }, span(5)],
  ["a mark of a failure before others", { time: 700 }, mark(1)],
  ["a fault, in each lane that it concerns", { time: 310, lane: 2 }, span(4)],
  ["the process that is named, whatever is nearer", { time: 700, lane: 1, process: 1 }, span(1)],
  ["the nearest, if a process is not there", { time: 700, lane: 1, process: 9 }, mark(1)],
  ["of the kind that is named, whatever is nearer", { time: 500, kind: "test" }, span(0)],
  ["a mark, if one is meant", { time: 500, lane: 1, kind: "mark" }, mark(1)],
  ["a node itself", { time: 500, lane: 2, kind: "lane" }, { kind: "lane", index: 2 }],
  ["the nearest, if there is none of a kind", { time: 700, lane: 1, kind: "work" }, mark(1)],
  ["nothing in a lane where nothing is", { time: 700, lane: 7 }, undefined],
] as const;

for (const [what, moment, found] of moments) {
  Deno.test(`nearestThing() is ${what}`, () => deepStrictEqual(nearestThing(DATA, moment), found));
}
