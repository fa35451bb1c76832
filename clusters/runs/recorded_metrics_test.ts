import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { nodeMetrics } from "./recorded_metrics.ts";
import { Recording } from "./testing/recording.ts";

/** The metrics of a node, with these lines in its file. */
function read(lines: readonly string[], node = "leader") {
  using recording = new Recording();
  recording.emit("abc", { type: "note", text: "begun" });
  const folder = join(recording.folderOf("abc"), "metrics");
  Deno.mkdirSync(folder);
  Deno.writeTextFileSync(join(folder, "leader.jsonl"), lines.join("\n"));
  const { run } = recording;
  return [...nodeMetrics(run, run.index.clusters[0]!, node)];
}

const UNKNOWN = "null,null,null,null,null,null,null,null,null";

Deno.test("nodeMetrics() tells times of the runner's clock, and rates", () => {
  const samples = read([
    '{"metrics":1,"scope":"container","cores":0.5,"memoryLimit":99}',
    `[1000,null,7,1,2,3,4,5,6,8,1.5,[[7,50,11]]]`,
    '{"offset":-250,"error":2.5}',
    `[3000,500,8,${UNKNOWN.slice(0, -5)},[]]`,
  ]);
  const [first, second, ...others] = samples;
  deepStrictEqual(others, []);
  deepStrictEqual({ ...first }, {
    ...{ time: 1000, error: 0, span: undefined, scope: "container", cores: 0.5, memoryLimit: 99 },
    ...{
      cpu: undefined,
      memory: 7,
      memoryPeak: undefined,
      received: 1,
      sent: 2,
      packetsIn: 3,
      packetsOut: 4,
    },
    ...{
      read: 5,
      written: 6,
      files: 8,
      load: 1.5,
      processes: [{ number: 7, cpu: 50, memory: 11 }],
    },
  });
  deepStrictEqual([second!.time, second!.error, second!.span, second!.cpu], [
    3250,
    2.5,
    2000,
    0.25,
  ]);
});

Deno.test("nodeMetrics() tells the most memory until then, also where a line says nothing new of it", () => {
  const line = (time: number, ...peak: unknown[]) =>
    JSON.stringify([time, ...Array(10), [], ...peak]);
  const samples = read([line(10), line(20, 500), line(30), line(40, "x"), line(50, 700)]);
  deepStrictEqual(samples.map(({ memoryPeak }) => memoryPeak), [undefined, 500, 500, 500, 700]);
});

Deno.test("nodeMetrics() leaves out what was cut, and what no node has written", () => {
  const samples = read([
    "null",
    "7",
    '{"metrics":2}',
    '{"metrics":1,"scope":"moon","cores":1}',
    '{"offset":"1"}',
    "[]",
    '["now",1]',
    `[-1,${UNKNOWN},null,[]]`,
    `[1e999,${UNKNOWN}]`,
    `[10,-5,"x",${UNKNOWN.slice(0, -5)},"processes"]`,
    `[20,1,2,${UNKNOWN.slice(0, -5)},[7,[1,2],["1",2,3],[1,2,3]]]`,
    '[30,1,2,"cu',
  ]);
  deepStrictEqual(samples.map(({ time }) => time), [10, 20]);
  deepStrictEqual(samples.map(({ cpu, memory }) => [cpu, memory]), [
    [undefined, undefined],
    [0.1, 2],
  ]);
  deepStrictEqual(samples[1]!.processes, [{ number: 1, cpu: 2, memory: 3 }]);
  ok(samples.every(({ cores, scope }) => cores === 1 && scope === "machine"));
});

Deno.test("nodeMetrics() of what was not recorded are none, and of no name of a node an error", () => {
  deepStrictEqual(read([], "other"), []);
  for (const node of ["", "..", "../other/metrics/leader", "/etc/passwd", ".", "a\0b"]) {
    throws(() => read([], node), { name: "RecordError" });
  }
});
