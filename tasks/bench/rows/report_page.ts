import { Recording } from "../../../clusters/runs/testing/recording.ts";
import type { OpenedPage } from "../../../clusters/report/testing/browser.ts";
import { recordLargeRun } from "../../../clusters/report/testing/large_run.ts";
import { pannedFrames } from "../../../clusters/report/testing/panned_frames.ts";
import { writeReport } from "../../../clusters/report/mod.ts";
import { below } from "../goals.ts";
import { CLUSTERTEST, type Row } from "../row.ts";
import type { Surroundings } from "../surroundings.ts";

/** What a report is promised to bear. */
const LARGE = { nodes: 1_000, lines: 100_000, duration: 3_600_000 };

/** The path of its report. */
async function largeReport(surroundings: Surroundings): Promise<string> {
  using recording = new Recording();
  const report = `${await surroundings.scratch()}/report.html`;
  await Deno.copyFile(await writeReport(await recordLargeRun(recording, LARGE)), report);
  return report;
}

/** A way to show it, in a browser that is looked for when it is measured. */
async function opener(surroundings: Surroundings): Promise<() => Promise<OpenedPage>> {
  const { browserPath, openPage } = await import("../../../clusters/report/testing/browser.ts");
  if (browserPath === undefined) throw new Error("there is no Chromium");
  const report = await largeReport(surroundings);
  return () => openPage(report);
}

/** What it takes a browser to show a large report. */
export const reportPageRows: readonly Row[] = [
  {
    id: "report-opens",
    title: "a report of 1,000 nodes, 100,000 lines and an hour, until it can be used",
    unit: "ms",
    rounds: 5,
    goals: [below(2_000, "ms")],
    contenders: async (surroundings) => {
      const open = await opener(surroundings);
      const sample = async () => {
        await using opened = await open();
        return await opened.page.evaluate(() => performance.now());
      };
      return [{ name: CLUSTERTEST, sample }];
    },
  },
  {
    id: "report-moves",
    title: "the longest frame while its time line is zoomed and moved",
    unit: "ms",
    rounds: 5,
    goals: [below(100, "ms")],
    contenders: async (surroundings) => {
      const open = await opener(surroundings);
      const sample = async () => {
        await using opened = await open();
        return await pannedFrames(opened.page);
      };
      return [{ name: CLUSTERTEST, sample }];
    },
  },
];
