import { match, ok, strictEqual } from "node:assert/strict";
import { drawChart } from "./chart.ts";
import type { Report } from "./report.ts";
import { rows } from "./rows.ts";

function reportWith(...ratios: number[]): Report {
  const peers = ratios.map((ratio, index) => ({ name: `peer ${index}`, ratio }));
  const numbers = { median: 1, p99: 1, samples: 1 };
  return {
    machine: { os: "linux", arch: "x86_64", cores: 2, cpu: "A & B <C>", deno: "2" },
    time: "2026-01-01T00:00:00.000Z",
    rows: [{
      id: "row",
      title: "a row",
      unit: "ms",
      contenders: [
        { name: "clustertest", ratio: null, ...numbers },
        ...peers.map((peer) => ({ ...peer, ...numbers })),
      ],
      absent: [],
      goals: [],
      charted: peers.map(({ name }) => name),
    }],
    growth: [],
    ec2: null,
    pods: null,
  };
}

/** Where the bars begin and how wide they are. */
function bars(svg: string): { x: number; width: number }[] {
  const found = svg.matchAll(/<rect class="\w+" x="([\d.]+)" y="\d+" width="([\d.]+)"/g);
  return [...found].map(([, x, width]) => ({ x: Number(x), width: Number(width) }));
}

Deno.test("drawChart() draws a bar for each peer, to the side of who is ahead", () => {
  const [ahead, behind] = bars(drawChart(reportWith(2, 0.5)));
  strictEqual(ahead!.width, behind!.width);
  // Numbers in the image have one decimal.
  ok(Math.abs(ahead!.x - behind!.x - behind!.width) < 0.15);
});

Deno.test("drawChart() keeps every bar within the image", () => {
  for (const { x, width } of bars(drawChart(reportWith(1e6, 1e-6)))) ok(x > 0 && x + width < 960);
});

Deno.test("drawChart() leaves out peers that its row does not chart", () => {
  const { rows: [row], ...report } = reportWith(2, 3);
  strictEqual(bars(drawChart({ ...report, rows: [{ ...row!, charted: ["peer 1"] }] })).length, 1);
});

Deno.test("the rows chart at most twenty peers, and only with labels that fit", () => {
  const labels = rows.flatMap(({ title, charted = [] }) =>
    charted.map((name) => `${title} — ${name}`)
  );
  ok(labels.length > 0 && labels.length <= 20, `${labels.length}`);
  // Letters of this size are six pixels and a half wide on average, and there are 460.
  for (const label of labels) ok(label.length <= 70, label);
});

Deno.test("drawChart() writes names as text, whatever is in them", () => {
  match(drawChart(reportWith(1)), /A &amp; B &lt;C&gt;/);
});
