import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ticks } from "./time_axis.ts";
import { TimeView } from "./time_view.ts";

Deno.test("TimeView keeps what is at a time there while it zooms", () => {
  const view = new TimeView(1_000);
  view.zoom(1 / 4, 500);
  deepStrictEqual([Math.round(view.from), Math.round(view.to)], [373, 628]);
  for (let i = 0; i < 50; i++) view.zoom(1 / 2, 500);
  ok(view.from <= 500 && view.to >= 500 && view.to - view.from >= 1);
});

Deno.test("TimeView never leaves the run", () => {
  const view = new TimeView(1_000);
  const whole = [view.from, view.to];
  view.zoom(100);
  view.pan(3);
  deepStrictEqual([view.from, view.to], whole);
  view.zoom(1 / 10);
  view.pan(-100);
  strictEqual(view.from, whole[0]);
  view.setCursor(5_000);
  ok(view.cursor === 1_000 && view.from <= 1_000 && view.to >= 1_000);
});

Deno.test("ticks() are round numbers, and not too many", () => {
  deepStrictEqual(ticks(-10, 1_010, 5), [0, 500, 1_000]);
  deepStrictEqual(ticks(0.1, 0.35, 3), [0.1, 0.2, 0.30000000000000004]);
});
