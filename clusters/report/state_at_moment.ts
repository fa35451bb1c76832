import type { RunIndex } from "../record/mod.ts";
import { endedProcesses } from "./ended_processes.ts";
import { failedCall } from "./failed_call.ts";
import type { ReportOutput, ReportSeries, ReportSpan } from "./report_data.ts";
import { lastLinesOf, type WrittenLine } from "./last_lines_of.ts";
import type { LatestEvent } from "./latest_events.ts";
import type { Moment, ReadCluster } from "./moments.ts";
import { type NodeUse, nodeUses } from "./node_use.ts";
import type { Timeline } from "./timeline.ts";

/** Processes that have ended, of which a report tells. */
const MAX_ENDED = 12;

/** Nodes on which something was under way, of which a report tells. */
const MAX_NODES = 50;

/** Things under way on one node of which a report tells. */
const MAX_ONGOING = 12;

/** Lines of a process that are shown. */
const LAST_LINES = 10;

/** Milliseconds before a moment in which warnings tell of it, if no fault had begun before. */
const RECENT = 10_000;

/** What the reports of tests are made of. */
export interface ReportSources {
  readonly index: RunIndex;
  readonly timeline: Timeline;
  readonly clusters: readonly ReadCluster[];
  /** The spans of each cluster, by its folder: those of all are gone through for no test. */
  readonly spans: ReadonlyMap<string, readonly ReportSpan[]>;
  readonly outputs: readonly ReportOutput[];
  readonly series: readonly ReportSeries[];
}

/** What a cluster was like when a test was judged. All times are those of the report's clock. */
export interface StateAtMoment {
  /** When that was: what has failed may have failed before the test ended. */
  readonly moment: number;
  /** The call with which it failed then; `undefined` if that is not known. */
  readonly call?: EndedCall | undefined;
  /**
   * What was under way then, by node: `""` is what concerns no single one. Faults that ended with what has
   * failed are among it.
   */
  readonly ongoing: readonly OngoingOfNode[];
  /** On how many nodes something was under way, besides those. */
  readonly ongoingMore: number;
  /** Processes that had ended, and did not succeed: those that nobody asked to end first. */
  readonly ended: readonly ReportedProcess[];
  /** Processes that had ended, besides those. */
  readonly endedMore: number;
  /** The latest events before. */
  readonly latest: readonly LatestEvent[];
  /** What nodes used. */
  readonly used: readonly NodeUse[];
  /** How many nodes there are besides those. */
  readonly usedMore: number;
}

/** The call with which a test has failed. */
export interface EndedCall {
  /** Where it was: `""` is no single node. */
  readonly node: string;
  readonly span: ReportSpan;
  /** When the test ended after that. */
  readonly until: number;
}

/** What was under way on a node. */
export interface OngoingOfNode {
  readonly node: string;
  readonly things: readonly ReportedProcess[];
  /** How many there are besides those. */
  readonly more: number;
}

/** Something of the time line, and what it has written last if it is a process. */
export interface ReportedProcess {
  readonly node: string;
  /** The folder of its cluster. */
  readonly cluster?: string | undefined;
  readonly span: ReportSpan;
  readonly lines: readonly WrittenLine[];
  /** Milliseconds for which it had gone on at that moment, or until it ended before. */
  readonly elapsed: number;
  /** What its node may use, if it ended because the kernel had no more memory for it. */
  readonly memory?: NodeUse | undefined;
  /** Whether it went on at that moment, whatever became of it later. */
  readonly isOpen: boolean;
  /** Whether it is a fault that was being made at that moment, and not in force yet. */
  readonly isBeingMade?: true | undefined;
  /** Until when a fault was in force, if the test has healed it: its scope may have ended with what failed. */
  readonly until?: number | undefined;
  /** How many of the same command have ended in the same way on that node, and when the first one did. */
  readonly count: number;
  readonly since: number;
}

/** What is known of a moment; `undefined` is one of which there is no record. */
export function stateAt(
  moment: Moment | undefined,
  { from, until, error, cluster, sources }: {
    /** When the test began. */
    readonly from: number;
    /** When it ended, in milliseconds since the epoch. */
    readonly until: number | undefined;
    /** What it has failed with. */
    readonly error?: string | undefined;
    readonly cluster: ReadCluster | undefined;
    readonly sources: ReportSources;
  },
): StateAtMoment {
  const { timeline, series } = sources;
  const end = timeline.since(moment?.time ?? until ?? timeline.started);
  if (!moment || !cluster) return nothingAt(end);
  const all = sources.spans.get(cluster.entry.folder) ?? [];
  const call = failedCall(error, { from, until: end, cluster, timeline, all });
  const at = call?.end ?? end;
  const since = troubleSince(all, { from, at });
  const reported = (span: ReportSpan, isOpen: boolean): ReportedProcess => ({
    node: timeline.lanes[span.lane]?.node ?? "",
    cluster: timeline.lanes[span.lane]?.cluster,
    ...{ span, isOpen, count: 1, since: span.end ?? span.start },
    ...isOpen && forceOf(span, { at, end }),
    // Of rounded times, so that it is the difference of those that are shown.
    elapsed: Math.max(0, Math.round(Math.min(at, span.end ?? at)) - Math.round(span.start)),
    lines: lastLinesOf(span, { ...sources, since, until: at, count: LAST_LINES }),
  });
  const { used, usedMore } = nodeUses(series, { nodes: cluster.timeline.nodes, at });
  const ended = endedProcesses(all, { from, at });
  const open = call ? openAt(at, all) : [
    ...moment.open.map((span) => timeline.spans[span]!),
    ...faultsUntil({ at, moment, all, timeline }),
  ];
  const nodes = byNode(open, timeline);
  const [shown, rest] = [nodes.slice(0, MAX_NODES), nodes.slice(MAX_NODES)];
  return {
    moment: at,
    ...call && { call: { node: timeline.lanes[call.lane]?.node ?? "", span: call, until: end } },
    ongoing: shown.map(({ node, spans }) => ({
      node,
      things: spans.slice(0, MAX_ONGOING).map((span) => reported(span, true)),
      more: Math.max(0, spans.length - MAX_ONGOING),
    })),
    ongoingMore: rest.length,
    ended: ended.slice(0, MAX_ENDED).map((same) => ({
      ...reported(same[0], false),
      memory: limitOf(same[0], { used, node: timeline.lanes[same[0].lane]?.node }),
      ...{ count: same.length, since: same.at(-1)!.end! },
    })),
    endedMore: ended.slice(MAX_ENDED).reduce((sum, { length }) => sum + length, 0),
    latest: moment.latest.map((event) => ({
      ...event,
      time: timeline.since(event.time),
      since: timeline.since(event.since),
      thing: event.thing && { ...event.thing, cluster: cluster.entry.folder },
    })),
    ...{ used, usedMore },
  };
}

/** Since when lines tell of what failed: since the first fault, or of the last seconds. */
function troubleSince(
  spans: readonly ReportSpan[],
  { from, at }: { readonly from: number; readonly at: number },
): number {
  const starts = spans.filter(({ kind, start, end = Infinity }) =>
    isCondition(kind) && start <= at && end >= from
  ).map(({ start }) => start);
  return starts.length > 0 ? Math.min(...starts) : at - RECENT;
}

/** What went on when something failed, and what failed in the same moment did not. */
function openAt(at: number, spans: readonly ReportSpan[]): ReportSpan[] {
  return spans.filter(({ start, end = Infinity }) => start <= at && end > at);
}

/** Whether a fault was in force, and until when if that ended before the test did. */
function forceOf(
  { kind, settled, end, healing = end }: ReportSpan,
  { at, end: testEnd }: { readonly at: number; readonly end: number },
): Pick<ReportedProcess, "isBeingMade" | "until"> {
  if (kind !== "fault") return {};
  if (settled !== undefined && settled > at) return { isBeingMade: true };
  return end !== undefined && end < testEnd ? { until: healing } : {};
}

/** Whether something is a state of a node, or of what is between nodes, that makes things fail. */
export function isCondition(kind: ReportSpan["kind"]): boolean {
  return kind === "fault" || kind === "down" || kind === "paused";
}

/**
 * Faults that ended after the test had begun something for the last time: what failed has failed under
 * them, and the end of their scope has healed them.
 */
function faultsUntil(
  { at, moment: { called }, all, timeline }: {
    readonly at: number;
    readonly moment: Moment;
    readonly all: readonly ReportSpan[];
    readonly timeline: Timeline;
  },
): ReportSpan[] {
  if (called === undefined) return [];
  const since = timeline.since(called);
  return all.filter(({ kind, end, state }) =>
    kind === "fault" && state !== "failed" && end !== undefined && end >= since && end < at
  );
}

/** What a node may use, for a process that ended because it had no more memory. */
function limitOf(
  { isOutOfMemory }: ReportSpan,
  { used, node }: { readonly used: readonly NodeUse[]; readonly node: string | undefined },
): NodeUse | undefined {
  const use = isOutOfMemory ? used.find((each) => each.node === node) : undefined;
  return use?.memoryLimit === undefined ? undefined : use;
}

function nothingAt(moment: number): StateAtMoment {
  const none = { ended: [], endedMore: 0, latest: [], used: [], usedMore: 0 };
  return { moment, ongoing: [], ongoingMore: 0, ...none };
}

/**
 * What went on, by node: what concerns no single one first. Of many nodes those come first on which the test
 * has done more than to run processes.
 */
function byNode(
  spans: readonly ReportSpan[],
  { lanes }: Timeline,
): { readonly node: string; readonly spans: readonly ReportSpan[] }[] {
  const sorted = spans.filter(({ kind }) => kind !== "test").sort((a, b) =>
    a.lane - b.lane || kindRank(a) - kindRank(b)
  );
  const nodes = [...Map.groupBy(sorted, ({ lane }) => lanes[lane]?.node ?? "")]
    .map(([node, spans]) => ({ node, spans }));
  if (nodes.length <= MAX_NODES) return nodes;
  const rank = ({ node, spans: [first] }: typeof nodes[0]) =>
    node === "" ? -1 : Math.min(kindRank(first!), kindRank({ kind: "process" }));
  return nodes.sort((a, b) => rank(a) - rank(b));
}

/** What the test did to a node says more than what it had open there. */
function kindRank({ kind }: Pick<ReportSpan, "kind">): number {
  const order = ["fault", "down", "paused", "step", "action", "wait", "process", "transfer"];
  const rank = order.indexOf(kind);
  return rank < 0 ? order.length : rank;
}
