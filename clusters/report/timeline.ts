import type { ReportFact, ReportLane, ReportMark, ReportSpan, SpanState } from "./report_data.ts";

/** Texts of a fact are kept up to so many characters. */
const MAX_FACT = 4_000;

/** Characters of a label. */
const MAX_LABEL = 200;

/** A span as it is built. */
export type NewSpan = Omit<ReportSpan, "end" | "settled" | "start"> & {
  /** In milliseconds since the epoch. */
  readonly start: number;
  /** As `start`; `undefined` while it is open. */
  readonly end?: number | undefined;
  /** As `start`. */
  readonly settled?: number | undefined;
};

/** A mark as it is built: its time is in milliseconds since the epoch. */
export type NewMark = ReportMark;

/** What happened in a run, as it is collected: times become those since its start. */
export class Timeline {
  readonly lanes: ReportLane[] = [];
  readonly spans: ReportSpan[] = [];
  readonly marks: ReportMark[] = [];
  /** When it started, in milliseconds since the epoch. */
  readonly started: number;
  #latest = 0;

  constructor(started: number) {
    this.started = started;
  }

  /** The time of the latest thing that is known. */
  get duration(): number {
    return this.#latest;
  }

  /** Milliseconds from the start; clocks may be wrong, but nothing is before it. */
  since(time: number): number {
    const since = Math.max(0, Math.round((time - this.started) * 10) / 10);
    if (Number.isFinite(since)) this.#latest = Math.max(this.#latest, since);
    return Number.isFinite(since) ? since : 0;
  }

  /** Adds a lane; its number. */
  addLane(lane: ReportLane): number {
    return this.lanes.push(lane) - 1;
  }

  /** Says something of a lane, in place of what was said by that name. */
  setFact(lane: number, fact: ReportFact): void {
    const known = this.lanes[lane]!;
    const others = known.facts.filter(([name]) => name !== fact[0]);
    this.lanes[lane] = { ...known, facts: [...others, shortFact(fact)] };
  }

  /** Adds a span; its number. */
  addSpan({ start, end, settled, label, facts, ...rest }: NewSpan): number {
    return this.spans.push({
      ...rest,
      start: this.since(start),
      ...end !== undefined && { end: this.since(end) },
      ...settled !== undefined && { settled: this.since(settled) },
      label: shortened(label, MAX_LABEL),
      ...facts && { facts: facts.map(shortFact) },
    }) - 1;
  }

  /** Ends a span. */
  endSpan(
    span: number,
    { end, state, facts = [], isOutOfMemory, healing }: {
      /** In milliseconds since the epoch. */
      readonly end: number;
      /** As `end`: when a fault began to be healed. */
      readonly healing?: number | undefined;
      readonly state: SpanState;
      /** What is known besides now. */
      readonly facts?: readonly ReportFact[];
      readonly isOutOfMemory?: true | undefined;
    },
  ): void {
    const open = this.spans[span]!;
    const known = [...open.facts ?? [], ...facts.map(shortFact)];
    this.spans[span] = {
      ...open,
      end: Math.max(open.start, this.since(end)),
      state,
      ...known.length > 0 && { facts: known },
      ...isOutOfMemory && { isOutOfMemory },
      ...healing !== undefined && { healing: Math.max(open.start, this.since(healing)) },
    };
  }

  /** Says of tests that have no end that they were interrupted, once their run is over. */
  interruptTests(): void {
    for (const [i, span] of this.spans.entries()) {
      if (span.kind !== "test" || span.state !== "open") continue;
      const facts: ReportFact[] = [...span.facts ?? [], ["verdict", "interrupted"]];
      this.spans[i] = { ...span, state: "failed", facts };
    }
  }

  /** Adds a mark. */
  addMark({ time, label, facts, ...rest }: NewMark): void {
    this.marks.push({
      ...rest,
      time: this.since(time),
      label: shortened(label, MAX_LABEL),
      ...facts && { facts: facts.map(shortFact) },
    });
  }
}

function shortFact([name, text]: ReportFact): ReportFact {
  return [shortened(name, MAX_LABEL), shortened(text, MAX_FACT)];
}

function shortened(text: string, length: number): string {
  const whole = String(text);
  return whole.length > length ? `${whole.slice(0, length - 1)}…` : whole;
}
