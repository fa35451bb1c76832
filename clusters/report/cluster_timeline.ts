import type { ClusterEvent } from "../events/mod.ts";
import type { ClusterEntry } from "../record/mod.ts";
import { eventText, isAbortedTunnel } from "../runs/mod.ts";
import {
  endingFacts,
  faultFacts,
  listOf,
  milliseconds,
  type Of,
  startFacts,
} from "./event_facts.ts";
import { namesIn } from "./names_in.ts";
import { OpenSpans } from "./open_spans.ts";
import { ProcessEnds } from "./process_ends.ts";
import { MeasuredSeries } from "./measured_series.ts";
import type { ReportFact, ReportMark, ReportSeries, SpanKind, SpanState } from "./report_data.ts";
import type { Timeline } from "./timeline.ts";

/** What begins. */
interface Beginning {
  /** What its end will name. */
  readonly key: string;
  readonly kind: SpanKind;
  readonly label: string;
  readonly process?: number;
  readonly facts?: readonly ReportFact[];
  /** Milliseconds for which it has gone on by now. */
  readonly elapsed?: number;
  readonly concerns?: readonly number[];
}

/** What ends. */
interface End {
  readonly key: string;
  readonly state: SpanState;
  readonly facts?: readonly ReportFact[];
}

/** Puts the events of one cluster on the time line of its run. */
export class ClusterTimeline {
  readonly #timeline: Timeline;
  readonly #cluster: string;
  readonly #testLane: number;
  readonly #lanes = new Map<string, number>();
  readonly #open = new OpenSpans();
  readonly #ends = new ProcessEnds();
  readonly #measured: MeasuredSeries;

  constructor(timeline: Timeline, { folder, backend }: Pick<ClusterEntry, "backend" | "folder">) {
    this.#timeline = timeline;
    this.#cluster = folder;
    this.#measured = new MeasuredSeries(timeline);
    const facts: ReportFact[] = [["cluster", folder], ["backend", backend.name]];
    this.#testLane = timeline.addLane({ cluster: folder, facts });
  }

  /** The spans that are open, in the order in which they began. */
  get open(): number[] {
    return this.#open.all;
  }

  /** The names of its nodes, and their lanes. */
  get nodes(): ReadonlyMap<string, number> {
    return this.#lanes;
  }

  /** What its tests have measured. */
  get measured(): ReportSeries[] {
    return this.#measured.all;
  }

  /** The lane of a node, which is made if there is none. */
  laneOf(node: string): number {
    const known = this.#lanes.get(node);
    if (known !== undefined) return known;
    const lane = this.#timeline.addLane({ cluster: this.#cluster, node, facts: [["node", node]] });
    this.#lanes.set(node, lane);
    return lane;
  }

  /** Takes the next event. One that this version does not know, or that is damaged, is a mark. */
  take(event: ClusterEvent): void {
    this.#ends.take(event);
    try {
      this.#take(event);
    } catch (error) {
      // What a damaged record says is not what its types do.
      if (!(error instanceof TypeError)) throw error;
      this.#mark(event);
    }
  }

  #take(event: ClusterEvent): void {
    switch (event.type) {
      case "test-started":
        return this.#begin(event, { key: `test ${event.test}`, kind: "test", label: event.test });
      case "test-ended":
        return this.#end(event, testEnd(event));
      case "command-started":
        return this.#begin(event, processStart(event));
      case "command-ended":
        return this.#end(event, { key: event.process, ...this.#ends.judge(event) });
      case "wait-started":
        return this.#begin(event, { key: waitKey(event), kind: "wait", label: event.call });
      case "wait-ended":
        return this.#end(event, waitEnd(event));
      case "tunnel-opened":
        return this.#begin(event, tunnelStart(event));
      case "tunnel-closed":
        return this.#end(event, tunnelEnd(event));
      case "work-started":
        return this.#begin(event, { ...event, key: event.work, kind: "work" });
      case "work-ended":
        return this.#end(event, failable(event, event.work));
      case "step-started":
        return this.#begin(event, { key: event.step, kind: "step", label: event.name });
      case "step-ended":
        return this.#end(event, failable(event, event.step));
      case "fault-injected":
        return this.#injectFault(event);
      case "fault-healed":
        return this.#end(event, { ...failable(event, event.fault), facts: faultFacts(event) });
      case "measure":
        return this.#measured.take(
          event,
          event.node === undefined ? undefined : this.laneOf(event.node),
        );
      case "cluster-disposed":
        this.#endAll(event.time);
        return this.#mark(event);
      case "work-progress":
        return;
      case "node-clock":
        return this.#timeline.setFact(this.laneOf(event.node), ["clock", clockText(event)]);
      default:
        return this.#takeOfNode(event);
    }
  }

  /** What a test does to a node, and whatever has no duration. */
  #takeOfNode(event: ClusterEvent): void {
    switch (event.type) {
      case "node-down":
        return this.#begin(event, { key: `down ${event.node}`, kind: "down", label: "down" });
      case "node-up":
        return this.#end(event, { key: `down ${event.node}`, state: "ok" });
      case "node-paused":
        this.#addWhole(event, { kind: "action", label: "pause" });
        if (event.error !== undefined) return;
        return this.#begin(event, { key: `paused ${event.node}`, kind: "paused", label: "paused" });
      case "node-resumed":
        this.#addWhole(event, { kind: "action", label: "resume" });
        if (event.error !== undefined) return;
        return this.#end(event, { key: `paused ${event.node}`, state: "ok" });
      case "node-killed":
        return this.#addWhole(event, { kind: "action", label: "kill" });
      case "node-started":
        return this.#addWhole(event, { kind: "action", label: "start" });
      case "node-restarted":
        return this.#addWhole(event, { kind: "action", label: "restart" });
      case "content-moved":
        return this.#addWhole(event, { kind: "transfer", label: `${event.member} ${event.path}` });
      default:
        return this.#mark(event);
    }
  }

  #injectFault(event: Of<"fault-injected">): void {
    const concerns = namesIn(event, [...this.#lanes.keys()]).map((name) => this.laneOf(name));
    const { fault: key, action: label, elapsed } = event;
    const facts = faultFacts(event);
    this.#begin(event, { key, kind: "fault", label, elapsed, facts, concerns });
    if (event.error !== undefined) this.#end(event, { key, state: "failed" });
  }

  /** Something of which only the end is an event. */
  #addWhole(
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

  #begin(event: ClusterEvent, { key, elapsed = 0, ...span }: Beginning): void {
    const { kind, label, process, facts, concerns } = span;
    const start = event.time - elapsed;
    const added = this.#timeline.addSpan({
      ...{ lane: this.#laneOfEvent(event), kind, label, start, state: "open" },
      ...process !== undefined && { process },
      ...facts && { facts },
      ...concerns && { concerns },
    });
    this.#open.add(key, added);
  }

  /** The end of what has no beginning is a mark. */
  #end(event: ClusterEvent, { key, state, facts }: End): void {
    const span = this.#open.take(key);
    if (span === undefined) return this.#mark(event);
    const isTeardown = state === "failed" && this.#ends.isTeardown && event.type !== "test-ended";
    this.#timeline.endSpan(span, {
      ...{ end: event.time, state: isTeardown ? "asked" : state },
      ...facts && { facts },
    });
  }

  /** What has no end of its own, such as that a node is down, ends with the cluster. */
  #endAll(end: number): void {
    const facts: ReportFact[] = [["why", "its cluster was given back"]];
    for (const span of this.#open.all) this.#timeline.endSpan(span, { end, state: "asked", facts });
    this.#open.clear();
  }

  #mark(event: ClusterEvent): void {
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

function testEnd(event: Of<"test-ended">): End {
  const facts: ReportFact[] = [["verdict", event.verdict], ...endingFacts(event)];
  return { key: `test ${event.test}`, state: event.verdict === "failed" ? "failed" : "ok", facts };
}

function processStart(event: Of<"command-started">): Beginning {
  const { process: key, command } = event;
  const process = Number(key.replace(/\D/g, ""));
  return { key, kind: "process", label: command.join(" "), process, facts: startFacts(event) };
}

function clockText(event: Of<"node-clock">): string {
  const { offset, error } = event;
  const side = offset < 0 ? "behind" : "ahead of";
  const bound = error === undefined ? "" : `, ± ${error.toFixed(1)} ms`;
  return `${
    Math.abs(offset).toFixed(1)
  } ms ${side} the runner's${bound}; times here are the runner's`;
}

function waitKey({ node, call }: Of<"wait-ended" | "wait-started">): string {
  return `wait ${node} ${call}`;
}

function waitEnd(event: Of<"wait-ended">): End {
  const ending = failable(event, waitKey(event));
  return { ...ending, facts: [["tries", `${event.tries}`], ...endingFacts(event)] };
}

function tunnelStart({ tunnel: key, target }: Of<"tunnel-opened">): Beginning {
  return { key, kind: "tunnel", label: `connection to ${target}` };
}

function tunnelEnd(event: Of<"tunnel-closed">): End {
  const ending = failable(event, event.tunnel);
  return isAbortedTunnel(event) ? { ...ending, state: "asked" } : ending;
}

/** The end of what has failed if it says why. */
function failable(
  event: { readonly elapsed?: number; readonly error?: string | undefined },
  key: string,
): End {
  return { key, state: event.error === undefined ? "ok" : "failed", facts: endingFacts(event) };
}

function kindOfMark(event: ClusterEvent): ReportMark["kind"] {
  if (event.type === "note") return "note";
  const failures = ["warning", "node-lost", "nodes-failed", "essential-process-ended"];
  const isBad = failures.includes(event.type) || "error" in event && event.error !== undefined ||
    "errors" in event && listOf(event.errors).length > 0;
  return isBad ? "failure" : "event";
}
