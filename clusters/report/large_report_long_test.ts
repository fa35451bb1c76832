import { deepStrictEqual, ok } from "node:assert/strict";
import { Recording } from "../runs/testing/recording.ts";
import { browserPath, openPage } from "./testing/browser.ts";
import { pannedFrames } from "./testing/panned_frames.ts";
import { recordLargeRun } from "./testing/large_run.ts";
import { writeReport } from "./write_report.ts";

/** Bytes and milliseconds that are promised; times are those of a machine with nothing else to do. */
const [MAX_SIZE, MAX_OPENING, MAX_FRAME] = [25 * 1024 * 1024, 2_000, 100];

/** How much longer it may take where other tests run. */
const BUSY = 5;

Deno.test({
  name:
    "a report of 1,000 nodes, 100,000 lines and an hour opens, moves, and is no larger than promised",
  ignore: browserPath === undefined,
  fn: async () => {
    using recording = new Recording();
    const folder = await recordLargeRun(recording, {
      ...{ nodes: 1_000, lines: 100_000, duration: 3_600_000 },
    });
    const path = await writeReport(folder);
    ok((await Deno.stat(path)).size < MAX_SIZE);
    const started = performance.now();
    await using opened = await openPage(path);
    const { page } = opened;
    const opening = await page.evaluate(() => performance.now());
    ok(
      opening < MAX_OPENING * BUSY,
      `${opening} ms, ${performance.now() - started} with the browser`,
    );
    const longest = await pannedFrames(page);
    ok(longest < MAX_FRAME * BUSY, `a frame took ${longest} ms`);
    await page.waitForSelector("text=100000 of 100000 lines");
    await page.waitForSelector("figcaption:text-is('CPU (cores)')");
    await page.fill(".log-text", "line 99 of node1000:");
    await page.waitForSelector("text=1 of 100000 lines");
    deepStrictEqual([opened.troubles, opened.requests], [[], []]);
  },
});
