import type { ClusterEvent, NodeEvent } from "../events/mod.ts";
import type { ClusterEntry } from "../record/mod.ts";
import { eventText } from "../runs/mod.ts";
import { ClusterLanes } from "./cluster_lanes.ts";
import { faultFacts, type Of } from "./event_facts.ts";
import { MeasuredSeries } from "./measured_series.ts";
import { namesIn } from "./names_in.ts";
import { ProcessEnds } from "./process_ends.ts";
import { GIVEN_BACK, type ReportSeries } from "./report_data.ts";
import {
  clockText,
  type End,
  failable,
  processStart,
  stepStart,
  testEnd,
  tunnelEnd,
  tunnelStart,
  waitEnd,
  waitStart,
} from "./span_edges.ts";
import type { Timeline } from "./timeline.ts";

/** Puts the events of one cluster on the time line of its run. */
export class ClusterTimeline {
  readonly #timeline: Timeline;
  readonly #lanes: ClusterLanes;
  readonly #ends = new ProcessEnds();
  readonly #measured: MeasuredSeries;

  constructor(timeline: Timeline, entry: ClusterEntry) {
    this.#timeline = timeline;
    this.#measured = new MeasuredSeries(timeline);
    this.#lanes = new ClusterLanes(timeline, entry);
  }

  /** The spans that are open, in the order in which they began. */
  get open(): number[] {
    return this.#lanes.open;
  }

  /** The names of its nodes, and their lanes. */
  get nodes(): ReadonlyMap<string, number> {
    return this.#lanes.nodes;
  }

  /** What its tests have measured. */
  get measured(): ReportSeries[] {
    return this.#measured.all;
  }

  /** The lane of a node, which is made if there is none. */
  laneOf(node: string): number {
    return this.#lanes.laneOf(node);
  }

  /** Takes the next event. One that this version does not know, or that is damaged, is a mark. */
  take(event: ClusterEvent): void {
    this.#ends.take(event);
    try {
      this.#take(event);
    } catch (error) {
      // What a damaged record says is not what its types do.
      if (!(error instanceof TypeError)) throw error;
      this.#lanes.mark(event);
    }
  }

  #take(event: ClusterEvent): void {
    const lanes = this.#lanes;
    switch (event.type) {
      case "test-started":
        return lanes.begin(event, { key: `test ${event.test}`, kind: "test", label: event.test });
      case "test-ended":
        return lanes.end(event, testEnd(event));
      case "command-started":
        return lanes.begin(event, processStart(event));
      case "command-ended":
        return this.#end(event, {
          ...{ key: event.process, ...this.#ends.judge(event) },
          ...event.outOfMemory === true && { isOutOfMemory: true },
        });
      case "wait-started":
        return lanes.begin(event, waitStart(event));
      case "wait-ended":
        return this.#end(event, waitEnd(event));
      case "tunnel-opened":
        return lanes.begin(event, tunnelStart(event));
      case "tunnel-closed":
        return this.#end(event, tunnelEnd(event));
      case "work-started":
        return lanes.begin(event, { ...event, key: event.work, kind: "work" });
      case "work-ended":
        return this.#end(event, failable(event, event.work));
      case "step-started":
        return lanes.begin(event, stepStart(event));
      case "step-ended":
        return this.#end(event, failable(event, event.step));
      case "fault-injected":
        return this.#injectFault(event);
      case "fault-healed":
        return this.#end(event, {
          ...{ ...failable(event, event.fault), facts: faultFacts(event) },
          ...Number.isFinite(event.elapsed) && { healed: event.elapsed },
        });
      case "measure":
        return this.#measure(event);
      case "cluster-disposed":
        lanes.endAll(event.time);
        return lanes.mark(event);
      case "work-progress":
        return;
      default:
        return this.#takeOfNode(event);
    }
  }

  /** What happens to a node as a whole, and whatever has no duration. */
  #takeOfNode(event: ClusterEvent): void {
    const lanes = this.#lanes;
    switch (event.type) {
      case "node-clock":
        return this.#timeline.setFact(this.laneOf(event.node), ["clock", clockText(event)]);
      case "node-lost":
        return this.#lose(event);
      case "node-down":
        return lanes.begin(event, { key: downKey(event), kind: "down", label: "down" });
      case "node-up":
        return lanes.end(event, { key: downKey(event), state: "ok" });
      case "node-paused":
        lanes.addWhole(event, { kind: "action", label: "pause" });
        if (event.error !== undefined) return;
        return lanes.begin(event, { key: pauseKey(event), kind: "paused", label: "paused" });
      case "node-resumed":
        lanes.addWhole(event, { kind: "action", label: "resume" });
        if (event.error !== undefined) return;
        return lanes.end(event, { key: pauseKey(event), state: "ok" });
      case "node-killed":
        return lanes.addWhole(event, { kind: "action", label: "kill" });
      case "node-started":
        return lanes.addWhole(event, { kind: "action", label: "start" });
      case "node-restarted":
        return lanes.addWhole(event, { kind: "action", label: "restart" });
      case "content-moved":
        return lanes.addWhole(event, { kind: "transfer", label: `${event.member} ${event.path}` });
      default:
        return lanes.mark(event);
    }
  }

  /** A node that is lost stays so. */
  #lose(event: Of<"node-lost">): void {
    this.#lanes.mark(event);
    const facts = [["what", eventText(event)]] as const;
    this.#lanes.begin(event, { key: `lost ${event.node}`, kind: "down", label: "lost", facts });
  }

  #injectFault(event: Of<"fault-injected">): void {
    const concerns = namesIn(event, [...this.nodes.keys()]).map((name) => this.laneOf(name));
    const { fault: key, action: label, elapsed } = event;
    const facts = faultFacts(event);
    this.#lanes.begin(event, { key, kind: "fault", label, elapsed, facts, concerns });
    if (event.error !== undefined) this.#end(event, { key, state: "failed" });
  }

  #measure(event: Of<"measure">): void {
    const lane = event.node === undefined ? undefined : this.laneOf(event.node);
    this.#measured.take(event, lane);
  }

  /** What ends when its cluster is given back has neither failed by itself, nor did the test end it. */
  #end(event: ClusterEvent, { facts = [], ...end }: End): void {
    if (!this.#ends.isTeardown) return this.#lanes.end(event, { ...end, facts });
    const state = end.state === "failed" ? "asked" : end.state;
    const isSaid = facts.some(([name]) => name === "why");
    const why = isSaid ? [] : [["why", GIVEN_BACK] as const];
    this.#lanes.end(event, { ...end, state, facts: [...facts, ...why] });
  }
}

function downKey({ node }: NodeEvent): string {
  return `down ${node}`;
}

function pauseKey({ node }: NodeEvent): string {
  return `paused ${node}`;
}
