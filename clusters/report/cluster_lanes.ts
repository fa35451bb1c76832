import type { ClusterEvent } from "../events/mod.ts";
import type { ClusterEntry, RecordedNode } from "../record/mod.ts";
import { eventText } from "../runs/mod.ts";
import { listOf, milliseconds } from "./event_facts.ts";
import { nodeFacts } from "./made_with.ts";
import { OpenSpans } from "./open_spans.ts";
import { GIVEN_BACK, type ReportFact, type ReportMark, type SpanKind } from "./report_data.ts";
import type { Beginning, End } from "./span_edges.ts";
import type { Timeline } from "./timeline.ts";

/** The lanes of one cluster: that of its tests, and one for each node, with what begins and ends in them. */
export class ClusterLanes {
  readonly #timeline: Timeline;
  readonly #entry: ClusterEntry;
  /** What the index has of its nodes; of several with one name the latest. */
  readonly #recorded: ReadonlyMap<string, RecordedNode>;
  readonly #testLane: number;
  readonly #nodes = new Map<string, number>();
  readonly #open = new OpenSpans();

  constructor(timeline: Timeline, entry: ClusterEntry) {
    const { folder, backend } = entry;
    this.#timeline = timeline;
    this.#entry = entry;
    this.#recorded = new Map(entry.nodes.map((node) => [node.name, node]));
    const facts: ReportFact[] = [["cluster", folder], ["backend", backend.name]];
    this.#testLane = timeline.addLane({ cluster: folder, facts });
  }

  /** The spans that are open, in the order in which they began. */
  get open(): number[] {
    return this.#open.all;
  }

  /** The names of its nodes, and their lanes. */
  get nodes(): ReadonlyMap<string, number> {
    return this.#nodes;
  }

  /** The lane of a node, which is made if there is none. */
  laneOf(node: string): number {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const recorded = this.#recorded.get(node);
    const about = recorded ? nodeFacts(recorded, this.#entry.backend) : [];
    const facts: ReportFact[] = [["node", node], ...about];
    const lane = this.#timeline.addLane({ cluster: this.#entry.folder, node, facts });
    this.#nodes.set(node, lane);
    return lane;
  }

  /** Something of which only the end is an event. */
  addWhole(
    event: Extract<ClusterEvent, { node: string; elapsed: number }>,
    { kind, label }: { readonly kind: SpanKind; readonly label: string },
  ): void {
    const { node, time, elapsed } = event;
    this.#timeline.addSpan({
      ...{ lane: this.laneOf(node), kind, label, start: time - elapsed, end: time },
      state: "error" in event && event.error !== undefined ? "failed" : "ok",
      facts: [["what", eventText(event)], ["took", milliseconds(elapsed)]],
    });
  }

  /** Something begins. */
  begin(event: ClusterEvent, { key, elapsed = 0, ...span }: Beginning): void {
    const { kind, label, process, facts, concerns } = span;
    const start = event.time - elapsed;
    const added = this.#timeline.addSpan({
      ...{ lane: this.#laneOfEvent(event), kind, label, start, state: "open" },
      ...kind === "fault" && { settled: event.time },
      ...process !== undefined && { process },
      ...facts && { facts },
      ...concerns && { concerns },
    });
    this.#open.add(key, added);
  }

  /** Something ends. The end of what has no beginning is a mark. */
  end(event: ClusterEvent, { key, healed, ...end }: End): void {
    const span = this.#open.take(key);
    if (span === undefined) return this.mark(event);
    const healing = healed === undefined ? undefined : event.time - healed;
    this.#timeline.endSpan(span, { ...end, end: event.time, healing });
  }

  /** What has no end of its own, such as that a node is down, ends with the cluster. */
  endAll(end: number): void {
    const facts: ReportFact[] = [["why", GIVEN_BACK]];
    for (const span of this.#open.all) this.#timeline.endSpan(span, { end, state: "asked", facts });
    this.#open.clear();
  }

  /** Something has happened that does not last. */
  mark(event: ClusterEvent): void {
    this.#timeline.addMark({
      ...{ lane: this.#laneOfEvent(event), time: event.time, kind: kindOfMark(event) },
      ...{ label: eventText(event), facts: [["what", eventText(event)]] },
    });
  }

  #laneOfEvent(event: ClusterEvent): number {
    const isOfNode = "node" in event && typeof event.node === "string";
    return isOfNode ? this.laneOf(event.node) : this.#testLane;
  }
}

function kindOfMark(event: ClusterEvent): ReportMark["kind"] {
  if (event.type === "note") return "note";
  const failures = ["warning", "node-lost", "nodes-failed", "essential-process-ended"];
  const isBad = failures.includes(event.type) || "error" in event && event.error !== undefined ||
    "errors" in event && listOf(event.errors).length > 0;
  return isBad ? "failure" : "event";
}
