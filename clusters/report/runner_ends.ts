import type { RunIndex } from "../record/mod.ts";
import type { ReadCluster } from "./moments.ts";
import type { Timeline } from "./timeline.ts";

/**
 * Marks where the process that ran a test has ended before the test did: after the latest that is known of
 * it, and before the guardian noticed.
 */
export function markRunnerEnds(
  timeline: Timeline,
  { index, clusters }: { readonly index: RunIndex; readonly clusters: readonly ReadCluster[] },
): void {
  const running = timeline.spans.filter(({ kind, state }) => kind === "test" && state === "open");
  const lanes = new Set(running.map(({ lane }) => lane));
  for (const lane of lanes) {
    const cluster = clusters.find(({ entry }) => entry.folder === timeline.lanes[lane]!.cluster);
    const latest = cluster?.moments.at(-1)?.time;
    if (!cluster || latest === undefined) continue;
    const who = `the process that ran the test, ${index.owner.pid},`;
    const label = `${who} ended after this, which is the latest that is known of it`;
    timeline.addMark({ lane, time: latest, kind: "failure", label, facts: [["what", label]] });
    const noticed = noticedAt(index, cluster);
    if (noticed === undefined) continue;
    const notice = `the guardian noticed that ${who} had ended`;
    timeline.addMark({ lane, time: noticed, kind: "event", label: notice });
  }
}

/** When that was recorded, in milliseconds since the epoch. */
function noticedAt({ tests = [] }: RunIndex, { entry }: ReadCluster): number | undefined {
  const test = tests.find(({ cluster, end }) =>
    cluster === entry.id && end?.verdict === "interrupted"
  );
  const time = test?.end?.time ?? (entry.end?.how === "interrupted" ? entry.end.time : undefined);
  return Number.isFinite(time) ? time : undefined;
}
