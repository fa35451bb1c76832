import { startBackgroundTimer } from "../../agent/background_timer.ts";
import { eventLine } from "./event_line.ts";
import type { ClusterEvent } from "./events.ts";
import { plainText } from "./plain_line.ts";

/** The event of a type. */
type Of<T extends ClusterEvent["type"]> = Extract<ClusterEvent, { type: T }>;

/** Milliseconds after which a wait is shown. */
const PATIENCE = 5_000;

/** The part of that time after which a wait is shown together with one that has lasted for all of it. */
const TOGETHER = 0.8;

/** Waits that a line names. */
const NAMED = 3;

/** A wait that lasts. */
interface Wait {
  readonly event: Of<"wait-started">;
  /** What it is: the same for waits of one call. */
  readonly text: string;
  /** Milliseconds, as `performance.now()` gives them. */
  readonly started: number;
  state: "quiet" | "counted" | "named";
}

/** Shows waits that have lasted for some seconds, and then their ends. */
export class LongWaits implements Disposable {
  readonly #print: (line: string, time: number) => void;
  readonly #patience: number;
  readonly #waits = new Set<Wait>();
  #timer: Disposable | undefined;

  constructor(
    print: (line: string, time: number) => void,
    { patience = PATIENCE }: { readonly patience?: number } = {},
  ) {
    this.#print = print;
    this.#patience = patience;
  }

  /** Notes what happened. */
  take(event: ClusterEvent): void {
    if (event.type === "wait-started") this.#add(event);
    if (event.type === "wait-ended") this.#end(event);
  }

  [Symbol.dispose](): void {
    this.#waits.clear();
    this.#stop();
  }

  #add(event: Of<"wait-started">): void {
    const started = performance.now();
    this.#waits.add({ event, text: textOf(event), started, state: "quiet" });
    this.#wake();
  }

  #end(event: Of<"wait-ended">): void {
    const text = textOf(event);
    const wait = [...this.#waits].find((each) => each.text === text);
    if (!wait) return;
    this.#waits.delete(wait);
    if (wait.state === "named") this.#print(endLine(event), event.time);
    if (this.#quiet.length === 0) this.#stop();
  }

  get #quiet(): Wait[] {
    return [...this.#waits].filter(({ state }) => state === "quiet");
  }

  /** Starts the timer for the oldest wait that was not shown yet. */
  #wake(): void {
    const [oldest] = this.#quiet;
    if (!oldest || this.#timer !== undefined) return;
    const left = oldest.started + this.#patience - performance.now();
    // Sanitizers would report an ordinary timer as a leak of a test that shares the cluster.
    this.#timer = startBackgroundTimer(left, () => this.#tell());
  }

  #stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #tell(): void {
    this.#stop();
    const now = performance.now();
    const isLong = ({ started }: Wait) => now - started >= this.#patience * TOGETHER;
    const long = this.#quiet.filter(isLong);
    for (const [i, wait] of long.entries()) wait.state = i < NAMED ? "named" : "counted";
    const named = long.slice(0, NAMED).map(({ text }) => text).join("; ");
    const more = long.length > NAMED ? `; and ${long.length - NAMED} more` : "";
    if (long.length > 0) this.#print(`waiting: ${named}${more} …`, Date.now());
    this.#wake();
  }
}

function textOf({ node, call }: Of<"wait-started" | "wait-ended">): string {
  return plainText(node === undefined ? call : `${node}: ${call}`);
}

/** Of an error no more than its first line: the others have what processes wrote. */
function endLine(event: Of<"wait-ended">): string {
  const error = event.error?.split("\n")[0];
  return plainText(eventLine({ ...event, error }));
}
