import { AuthorCall } from "../calls/mod.ts";
import { duringWait, FollowedSignals, type OpenWait } from "../concurrency/mod.ts";
import { atCaller, checkOptions, kinds, type OptionKinds } from "../options/mod.ts";
import { Tries } from "./tries.ts";
import { checkDuration, tryUntil, WAIT_TIMEOUT } from "./try_until.ts";
import { WaitEvents } from "./wait_events.ts";

/** Milliseconds between two tries, unless its options say otherwise. */
const INTERVAL = 50;

/** Characters of the check's source that errors quote. */
const QUOTED = 80;

/** How long, and how often, `eventually` tries. */
export interface EventuallyOptions {
  /** Milliseconds after which it fails; `Infinity` for never. @default 30000 */
  readonly timeout?: number | undefined;
  /** Milliseconds from the end of a try to the next one. @default 50 */
  readonly interval?: number | undefined;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const EVENTUALLY_KINDS: OptionKinds<EventuallyOptions> = {
  timeout: kinds.number("milliseconds"),
  interval: kinds.number("milliseconds"),
  signal: kinds.signal,
};

/**
 * Calls `check` until it neither throws nor rejects, and resolves to its value. When the time is over, it
 * rejects with a `TimeoutError` that says what was tried and how often, and whose `cause` is the error of
 * the last try; a try that has not ended by then is not waited for. Without `options` it tries for 30
 * seconds, every 50 milliseconds.
 *
 * Once `check` has made a call on a node, this also rejects when the test of that node's cluster is over,
 * with the reason of `cluster.signal`, and the wait is one of the events of that cluster.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster, eventually } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await using process = await node.spawn("sh", ["-c", "sleep 0.1; echo ready >state"]);
 * const state = await eventually(() => node.readTextFile("state"), { timeout: 10_000 });
 * strictEqual(state.trim(), "ready");
 * ```
 */
export async function eventually<T>(
  check: () => T | PromiseLike<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  atCaller(eventually, () => checkCall(check, options));
  const { timeout = WAIT_TIMEOUT, interval = INTERVAL, signal } = options;
  using over = new FollowedSignals();
  const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const what = `eventually(${check.name || shortened(check.toString())})`;
  const state = "it did not succeed";
  const tries = new Tries();
  const call = new AuthorCall(eventually, { signal: either, isPlaced: true });
  const events = new WaitEvents({ call: what, timeout, tries, places: () => call.places });
  using open = new JoinedWait(call);
  const concerns = { follow: over.follow, tell: events.tell, join: open.join };
  const attempt = () => duringWait(concerns, check);
  const wait = { what, state, timeout, interval, signal: either, tries };
  return await call.during(() => events.during(() => tryUntil(attempt, wait)));
}

function checkCall(check: unknown, options: EventuallyOptions): void {
  checkOptions("call eventually()", options, EVENTUALLY_KINDS);
  if (typeof check !== "function") {
    throw new TypeError(`Cannot call eventually(): its check must be a function, not ${check}`);
  }
  const { timeout = WAIT_TIMEOUT, interval = INTERVAL } = options;
  checkDuration("timeout", timeout);
  checkDuration("interval", interval);
}

/** On one line. */
function shortened(source: string): string {
  const line = source.replaceAll(/\s+/g, " ");
  return line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line;
}

/** A wait as the nodes have it that it has called. */
class JoinedWait implements OpenWait, Disposable {
  readonly started = performance.now();
  readonly #call: AuthorCall;
  readonly #joined = new Set<Set<OpenWait>>();
  #isOver = false;

  constructor(call: AuthorCall) {
    this.#call = call;
  }

  readonly lendStack = (error: Error): Error => this.#call.lendStack(error);

  /** A try may go on when the wait is over. */
  readonly join = (waits: Set<OpenWait>): void => {
    if (this.#isOver) return;
    waits.add(this);
    this.#joined.add(waits);
  };

  /** The wait has ended. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const waits of this.#joined) waits.delete(this);
  }
}
