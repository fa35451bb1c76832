import type { ClusterEvent } from "./events.ts";
import { plainText } from "./plain_line.ts";

/** Faults that a line names. */
const NAMED = 3;

/** Characters of what a fault does that are shown: it may name many nodes. */
const MAX_ACTION = 120;

/** Faults that are kept: of more, those that were healed long ago are forgotten. */
const MAX_KEPT = 100;

/** Calls that have failed which are kept: the error of a test tells of one of the latest. */
const MAX_FAILED = 50;

/** A fault of the test. All times are milliseconds since the epoch. */
interface NotedFault {
  readonly action: string;
  readonly injected: number;
  /** When the test began to heal it. */
  readonly healed?: number;
}

/** A call that has failed. */
interface FailedCall {
  readonly time: number;
  readonly isWait: boolean;
  /** Whether the first line of an error tells of it. */
  readonly isToldIn: (line: string) => boolean;
}

/**
 * The faults under which a test has failed. Those of a scope are healed when it ends, so before the failure
 * is known: they count when they were healed after the call that has failed, or after the test has begun
 * something for the last time. (The end of a command is told a little after its call has rejected.)
 */
export class FaultsInForce {
  readonly #faults = new Map<string, NotedFault>();
  #failed: FailedCall[] = [];
  /** When the test began something last. */
  #called = Infinity;

  /** Notes what happened. */
  take(event: ClusterEvent): void {
    if ("places" in event && event.places) this.#called = event.time;
    switch (event.type) {
      case "fault-injected":
        if (event.error === undefined) {
          this.#faults.set(event.fault, { action: event.action, injected: event.time });
        }
        break;
      case "fault-healed":
        this.#heal(event);
        break;
      case "wait-ended":
      case "command-ended":
        this.#noteFailure(event);
    }
  }

  /** Forgets those that are healed: another test begins. */
  forget(): void {
    for (const [fault, { healed }] of this.#faults) {
      if (healed !== undefined) this.#faults.delete(fault);
    }
    this.#failed = [];
    this.#called = Infinity;
  }

  /** What is to be said of a test that has ended at a time with this error; `undefined` without a fault. */
  line({ error, time }: { readonly error: string; readonly time: number }): string | undefined {
    const failed = this.#failureOf(error);
    const since = Math.min(failed ?? Infinity, this.#called);
    const inForce = [...this.#faults.values()].filter(({ injected, healed = Infinity }) =>
      injected <= (failed ?? time) && healed >= since
    );
    if (inForce.length === 0) return undefined;
    const named = inForce.slice(-NAMED).map((fault) => described(fault, time));
    const more = inForce.length > NAMED ? [`${inForce.length - NAMED} more`] : [];
    return `in force: ${[...named, ...more].join("; ")}`;
  }

  /** When the call had failed of which the error tells: that of a wait quotes those of its tries. */
  #failureOf(error: string): number | undefined {
    const [first = ""] = error.split("\n", 1);
    const told = this.#failed.filter(({ isToldIn }) => isToldIn(first));
    return (told.findLast(({ isWait }) => isWait) ?? told.at(-1))?.time;
  }

  #heal({ fault, time, elapsed }: Extract<ClusterEvent, { type: "fault-healed" }>): void {
    const known = this.#faults.get(fault);
    if (!known) return;
    // Times of events are whole milliseconds, rounded down: it is not to be before what came first.
    this.#faults.set(fault, { ...known, healed: Math.ceil(time - elapsed) });
    if (this.#faults.size <= MAX_KEPT) return;
    const [first] = [...this.#faults].filter(([, { healed }]) => healed !== undefined);
    this.#faults.delete(first![0]);
  }

  #noteFailure(event: Extract<ClusterEvent, { type: "wait-ended" | "command-ended" }>): void {
    const isWait = event.type === "wait-ended";
    const isToldIn = isWait ? toldWait(event) : toldCommand(event);
    if (!isToldIn) return;
    this.#failed = [...this.#failed, { time: event.time, isWait, isToldIn }].slice(-MAX_FAILED);
  }
}

/** A test fails with the error of a wait as it is. */
function toldWait(
  { error }: Extract<ClusterEvent, { type: "wait-ended" }>,
): FailedCall["isToldIn"] | undefined {
  if (error === undefined) return undefined;
  const [first] = error.split("\n", 1);
  return (line) => line === first;
}

/** The error of a command names its program and its node. */
function toldCommand(
  { node, command: [program], code, signal }: Extract<ClusterEvent, { type: "command-ended" }>,
): FailedCall["isToldIn"] | undefined {
  if (code === 0 && signal === null) return undefined;
  return (line) => line.includes(`\`${program}`) && line.includes(`on node "${node}"`);
}

function described({ action, injected, healed }: NotedFault, now: number): string {
  const text = plainText(action);
  const shown = text.length > MAX_ACTION ? `${text.slice(0, MAX_ACTION - 1)}…` : text;
  const seconds = ((Math.max(0, (healed ?? now) - injected)) / 1000).toFixed(1);
  return `${shown}, for ${seconds} s${healed === undefined ? "" : " until the test healed it"}`;
}
