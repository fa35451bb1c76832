import { ok } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { assertPattern, patternStream } from "../conformance/pattern.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";

const MEBIBYTE = 1024 * 1024;

Deno.test("copyTo() takes a large file through memory that does not grow with it", async () => {
  await using here = await Cluster.create(local(), { progress: false });
  await using there = await Cluster.create(loopback(), { progress: false });
  const [one, other] = [await here.addNode(), await there.addNode()];
  const size = 512 * MEBIBYTE;
  await one.writeFile("large", patternStream(size));
  let peak = 0;
  const watching = setInterval(() => {
    peak = Math.max(peak, Deno.memoryUsage().rss);
  }, 10);
  await one.copyTo("large", other, "copy");
  const before = Deno.memoryUsage().rss;
  await other.copyTo("copy", one, "back");
  await one.copyTo("large", other, "again");
  clearInterval(watching);
  ok(peak - before < size / 2, `${before} bytes before, and ${peak} at most`);
  await assertPattern((await one.open("back")).readable, size);
});
