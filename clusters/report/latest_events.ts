import type { ClusterEvent } from "../events/mod.ts";
import { eventThing } from "./event_thing.ts";
import type { LinkedThing } from "./time_html.ts";
import { eventText, isAbortedTunnel } from "../runs/mod.ts";

/** Events that are kept. */
const MAX_EVENTS = 12;

/** Characters of an event that a list shows. */
const MAX_LINE = 300;

/** Events that say what nobody looks for in a list of the latest. */
const QUIET: ReadonlySet<ClusterEvent["type"]> = new Set<ClusterEvent["type"]>([
  ...["node-clock", "tunnel-opened", "work-progress"] as const,
]);

/** Something that happened, once or again and again. */
export interface LatestEvent {
  /** When it happened last, and first: in milliseconds since the epoch. */
  readonly time: number;
  readonly since: number;
  /** How often. */
  readonly count: number;
  /** What happened last. */
  readonly text: string;
  /** What of the time line that is. */
  readonly thing?: LinkedThing | undefined;
}

/** As it is kept: what a later event of the same kind replaces. */
interface Kept extends LatestEvent {
  readonly kind: string;
  /** What the end of this names. */
  readonly begins: string | undefined;
}

/**
 * The latest events, a line each. What is done again and again, as by `eventually()`, is one line with a
 * count, and what has ended is told by its end alone: so what happened before it is still there.
 */
export class LatestEvents {
  #kept: readonly Kept[] = [];

  /** The latest ones, in the order of time. */
  get all(): readonly LatestEvent[] {
    return this.#kept;
  }

  /** Takes the next event. */
  take(event: ClusterEvent): void {
    if (QUIET.has(event.type) || isAbortedTunnel(event)) return;
    // A connection that came to its end is no news; one that broke is.
    if (event.type === "tunnel-closed" && event.error === undefined) return;
    const text = firstLine(eventText(event));
    const kind = kindOf(event, text);
    const ended = endOf(event);
    const before = this.#kept.find((each) => each.kind === kind);
    const others = this.#kept.filter((each) =>
      each !== before && (ended === undefined || each.begins !== ended)
    );
    const { time } = event;
    const { since = time, count = 0 } = before ?? {};
    const thing = eventThing(event);
    const next = { time, since, count: count + 1, text, thing, kind, begins: beginningOf(event) };
    this.#kept = [...others, next].slice(-MAX_EVENTS);
  }
}

/**
 * The same for texts that differ in their numbers only, but not in those of names such as `node2`, nor in
 * how a command has ended.
 */
function kindOf(event: ClusterEvent, text: string): string {
  const status = event.type === "command-ended" ? `${event.code} ${event.signal} ` : "";
  return `${status}${text.replaceAll(/(?<![A-Za-z\d])\d+(\.\d+)?/g, "#")}`;
}

function beginningOf(event: ClusterEvent): string | undefined {
  return event.type === "command-started" || event.type === "wait-started" ||
      event.type === "work-started"
    ? nameOf(event)
    : undefined;
}

function endOf(event: ClusterEvent): string | undefined {
  return event.type === "command-ended" || event.type === "wait-ended" ||
      event.type === "work-ended"
    ? nameOf(event)
    : undefined;
}

function nameOf(
  { node, process, call, work }: {
    readonly node?: string;
    readonly process?: string;
    readonly call?: string;
    readonly work?: string;
  },
): string {
  return JSON.stringify([node, process, call, work]);
}

/** What a list has room for. */
function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
}
