import { deepStrictEqual, match } from "node:assert/strict";
import { GIVEN_BACK, type ReportData } from "../report_data.ts";
import { foundThings } from "./found_things.ts";
import { LogLines } from "./log_lines.ts";

const DATA: ReportData = {
  ...{ run: "run", started: 0, duration: 1000, series: [], omitted: [] },
  lanes: [{ cluster: "a", facts: [] }, { cluster: "a", node: "node1", facts: [] }],
  spans: [
    { lane: 1, kind: "process", start: 10, state: "open", label: "etcd", process: 1 },
    { lane: 1, kind: "process", start: 20, end: 21, state: "ok", label: "put x", process: 2 },
    { lane: 1, kind: "process", start: 30, end: 31, state: "ok", label: "put x", process: 3 },
    { lane: 1, kind: "process", start: 40, end: 41, state: "failed", label: "put x", process: 4 },
    {
      ...{ lane: 1, kind: "process", start: 50, end: 900, state: "asked", label: "get" },
      facts: [["why", GIVEN_BACK]],
    },
  ],
  marks: [{ lane: 0, time: 500, kind: "note", label: "note: put is slow" }],
  outputs: [{
    ...{ lane: 1, process: 1, command: "etcd", stream: "stderr", file: "x" },
    ...{
      times: [100, 10, 10],
      text: "\x1b[31mput\x1b[0m came\nother /put/\n\x1b[31mput\x1b[0m came\n",
    },
  }],
};

function find(wanted: string): unknown[] {
  const sources = {
    data: DATA,
    lines: new LogLines(DATA),
    nameOf: (lane: number) => `lane${lane}`,
  };
  return foundThings(wanted, sources).map((
    { text, time, count, last },
  ) => [text, time, count, last]);
}

Deno.test("foundThings() has failures first, lines of outputs last, and what is the same once", () => {
  deepStrictEqual(find("PUT "), [
    ["lane1 process put x (failed)", 40, 1, 40],
    ["lane1 process put x", 20, 2, 30],
    ["lane0 note: put is slow", 500, 1, 500],
    ["lane1 1-etcd wrote to stderr: put came", 100, 2, 120],
    ["lane1 1-etcd wrote to stderr: other /put/", 110, 1, 110],
  ]);
});

Deno.test("foundThings() says in words how things ended, and takes no text for an expression", () => {
  match(JSON.stringify(find("given back")), /process get \(given back with the cluster\)/);
  match(JSON.stringify(find("etcd (had")), /process etcd \(had no end when the record ended\)/);
  deepStrictEqual([find("etcd").length, find("/put/").length], [1, 1]);
  deepStrictEqual(find("/(/"), []);
  deepStrictEqual([find(" "), find("nothing of it")], [[], []]);
});
