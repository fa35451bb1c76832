import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { ReportData, ReportOutput } from "../report_data.ts";
import { LogLines } from "./log_lines.ts";

function output(process: number, times: number[], words: string[]): ReportOutput {
  const text = words.map((word) => `${word}\n`).join("");
  return { lane: process, process, command: "sh", stream: "stdout", times, text, file: "" };
}

const outputs = [
  output(1, [10, 10, 0], ["a", "\x1b[31mB\x1b[0mB", "c"]),
  output(2, [5, 15], ["d", "e"]),
];
const lines = new LogLines({ outputs } as unknown as ReportData);

Deno.test("LogLines merges outputs by time, each in its own order", () => {
  const all = Array.from({ length: lines.count }, (_, place) => lines.at(place));
  deepStrictEqual(all.map(({ text, time }) => `${time} ${text.at(-1)}`), [
    ...["5 d", "10 a", "20 B", "20 c", "20 e"],
  ]);
  strictEqual(lines.placeOf(11), 2);
});

Deno.test("LogLines filters by node, process, time and text, whatever its colours", () => {
  const texts = (filter: Parameters<LogLines["places"]>[0]) =>
    [...lines.places(filter)].map((place) => lines.at(place).text.at(-1));
  deepStrictEqual(texts({ lane: 2 }), ["d", "e"]);
  deepStrictEqual(texts({ process: "1-sh", from: 11 }), ["B", "c"]);
  deepStrictEqual(texts({ stream: "stderr" }), []);
  deepStrictEqual(texts({ text: "bb" }), ["B"]);
  deepStrictEqual(texts({ text: "/^[a-d]$/" }), ["d", "a", "c"]);
  throws(() => lines.places({ text: "/(/" }), SyntaxError);
});
