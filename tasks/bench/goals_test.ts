import { strictEqual } from "node:assert/strict";
import { above, ahead, below, isWithin, ratio } from "./goals.ts";

Deno.test("ratio() is above one for the better, whatever the unit", () => {
  strictEqual(ratio("ms", 2, 6), 3);
  strictEqual(ratio("MB/s", 600, 200), 3);
  strictEqual(ratio("MB", 50, 25), 0.5);
});

Deno.test("ahead() is met at its factor, and unknown without the peer", () => {
  const goal = ahead("MB/s", "scp", 1.3);
  strictEqual(goal.met({ clustertest: 130, scp: 100 }), true);
  strictEqual(goal.met({ clustertest: 129, scp: 100 }), false);
  strictEqual(goal.met({ clustertest: 129 }), undefined);
  strictEqual(goal.text, "1.3× scp");
});

Deno.test("within() allows a factor and something besides", () => {
  const goal = isWithin("Deno.Command", 1.5, 0.5);
  strictEqual(goal.met({ clustertest: 2, "Deno.Command": 1 }), true);
  strictEqual(goal.met({ clustertest: 2.1, "Deno.Command": 1 }), false);
  strictEqual(goal.text, "≤ 1.5× Deno.Command + 0.5");
});

Deno.test("below() and above() leave the limit out", () => {
  strictEqual(below(2, "ms").met({ clustertest: 2 }), false);
  strictEqual(below(2, "ms").met({ clustertest: 1.9 }), true);
  strictEqual(above(500, "MB/s").met({ clustertest: 500 }), false);
  strictEqual(above(500, "MB/s").met({ clustertest: 501 }), true);
});
