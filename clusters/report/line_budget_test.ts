import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fairShare, KeptLines } from "./line_budget.ts";

Deno.test("fairShare() gives small outputs all they need, and the others the same", () => {
  strictEqual(fairShare([10, 20, 30], 100), Infinity);
  strictEqual(fairShare([10, 100, 1000], 110), 50);
  strictEqual(fairShare([], 100), Infinity);
});

Deno.test("KeptLines keeps the first and the last lines, and says what is missing", () => {
  const kept = new KeptLines(2_000);
  for (let i = 0; i < 1_000; i++) kept.add({ time: i, text: `line ${i}` });
  const lines = kept.lines();
  strictEqual(lines[0]!.text, "line 0");
  strictEqual(lines.at(-1)!.text, "line 999");
  const gap = lines.findIndex(({ text }) => text.startsWith("[clustertest: "));
  strictEqual(lines[gap]!.text, `[clustertest: ${kept.omitted} lines are not in this report]`);
  strictEqual(lines.length - 1 + kept.omitted, 1_000);
  ok(gap > 1 && gap < lines.length / 2);
});

Deno.test("KeptLines keeps all of an output that may be of any size", () => {
  const kept = new KeptLines(Infinity);
  kept.add({ time: 1, text: "x".repeat(5_000) });
  deepStrictEqual([kept.omitted, kept.lines()[0]!.text.length], [0, 4_001]);
});
