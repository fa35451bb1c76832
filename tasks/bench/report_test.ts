import { deepStrictEqual } from "node:assert/strict";
import { ahead } from "./goals.ts";
import { reportRow } from "./report.ts";

function contender(name: string) {
  return { name, sample: () => Promise.resolve(0) };
}

Deno.test("reportRow() compares medians, and says of absent peers why", () => {
  const report = reportRow(
    {
      id: "file-up",
      title: "A file up",
      unit: "MB/s",
      rounds: 3,
      charted: ["scp"],
      goals: [ahead("MB/s", "scp", 1.3), ahead("MB/s", "docker cp")],
      contenders: () => Promise.resolve([]),
    },
    [
      { contender: contender("clustertest"), values: [300, 100, 200] },
      { contender: contender("scp"), values: [90, 110, 100] },
    ],
    [{ name: "docker cp", reason: "no engine" }],
  );
  deepStrictEqual(report, {
    id: "file-up",
    title: "A file up",
    unit: "MB/s",
    contenders: [
      { name: "clustertest", median: 200, p99: 300, samples: 3, ratio: null },
      { name: "scp", median: 100, p99: 110, samples: 3, ratio: 2 },
    ],
    absent: [{ name: "docker cp", reason: "no engine" }],
    charted: ["scp"],
    goals: [{ text: "1.3× scp", met: true }, { text: "ahead of docker cp", met: null }],
  });
});
