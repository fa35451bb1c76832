import type { EventDetail } from "../../events/mod.ts";
import { TestRecord } from "../../record/test_record.ts";
import { GONE, Recording } from "../../runs/testing/recording.ts";
import { collectReport } from "../run_report.ts";
import { verdictHtml } from "../verdict_html.ts";

/** The name of the test that is recorded. */
export const TEST = "keeps what was written";

/** A run with one test, whose cluster has a record of these events. */
export async function recordTest(
  events: readonly EventDetail[],
): Promise<Recording & { test: TestRecord }> {
  const recording = new Recording();
  recording.emit("a", { type: "test-started", test: TEST });
  const test = new TestRecord({
    ...{ run: { id: "run1", owner: GONE }, name: TEST, dir: recording.dir },
    onTrouble: (message) => {
      throw new Error(message);
    },
  });
  test.hasCluster("a");
  await recording.nodes("a", "node1", "node2");
  for (const event of events) recording.emit("a", event);
  return Object.assign(recording, { test });
}

/** The text that is read without scripts. */
export function textOf({ run }: Recording): string {
  return verdictHtml(collectReport(run).tests).text.replaceAll(/<[^>]+>/g, "")
    .replaceAll("&#34;", '"').replaceAll(/\s+/g, " ");
}

/** A command on node1 that starts and ends. */
export function command(
  number: number,
  end: Partial<Extract<EventDetail, { type: "command-ended" }>>,
): EventDetail[] {
  const about = { node: "node1", process: `process${number}`, command: ["grep", "ready"] };
  const ended = { code: null, signal: null, elapsed: 5, stdout: "", stderr: "", ...end };
  return [
    { type: "command-started", ...about, pid: number },
    { type: "command-ended", ...about, ...ended },
  ];
}
