import { ok, strictEqual } from "node:assert/strict";
import { formatResults } from "./results.ts";

Deno.test("formatResults() has a line for each row, with peers, ratios and goals", () => {
  const page = formatResults({
    machine: { os: "linux", arch: "x86_64", cores: 2, cpu: "A|B", deno: "2" },
    time: "2026-01-02T03:04:05.000Z",
    rows: [{
      id: "row",
      title: "a row",
      unit: "ms",
      contenders: [
        { name: "clustertest", median: 1, p99: 2, samples: 9, ratio: null },
        { name: "ssh", median: 3, p99: 4, samples: 9, ratio: 3 },
      ],
      absent: [{ name: "docker exec", reason: "no engine" }],
      goals: [{ text: "ahead of ssh", met: true }, { text: "ahead of docker exec", met: null }],
      charted: ["ssh"],
    }],
    growth: [],
    ec2: null,
    pods: null,
  });
  ok(page.includes("On 2026-01-02: linux on x86_64, 2 cores (A|B), Deno 2."));
  strictEqual(
    page.split("\n").find((line) => line.startsWith("| a row")),
    "| a row | 1.00 ms | ssh 3.00 ms (3.00× ahead)<br>docker exec: not measured, no engine | " +
      "✓ ahead of ssh<br>? ahead of docker exec |",
  );
  strictEqual(page.includes("## "), false);
});

Deno.test("formatResults() says why a part was not measured", () => {
  const page = formatResults({
    machine: { os: "linux", arch: "x86_64", cores: 2, cpu: "A", deno: "2" },
    time: "2026-01-02T03:04:05.000Z",
    rows: [],
    growth: { absent: "no memory" },
    ec2: { absent: "no containers" },
    pods: { absent: "no cluster" },
  });
  for (const line of ["growth", "ec2", "pods"].map((part) => `${part}: not measured: no `)) {
    ok(page.includes(line), page);
  }
});
