import type { ClusterEvent, Emit } from "./events.ts";

/** Events that one iteration may lag behind by before it fails. */
const MAX_UNREAD = 100_000;

/** Called with each event, in the order in which they happened. Must not block; if it throws, that is a warning. */
export type EventListener = (event: ClusterEvent) => void;

/**
 * The events of a cluster: for listeners, and for iteration.
 *
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const ready: string[] = [];
 * using _subscription = cluster.events.subscribe((event) => {
 *   if (event.type === "node-ready") ready.push(event.node);
 * });
 * await cluster.addNode();
 * deepStrictEqual(ready, ["node1"]);
 * ```
 */
export class EventStream implements AsyncIterable<ClusterEvent> {
  readonly #cluster: string;
  readonly #listeners = new Set<EventListener>();
  readonly #ends = new Set<() => void>();
  #ended = false;

  /** `cluster` is the id that every event carries. */
  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  /** Puts an event on the stream. */
  readonly emit: Emit = (detail) => {
    const event: ClusterEvent = { time: Date.now(), cluster: this.#cluster, ...detail };
    const failures = [...this.#listeners].flatMap((listener) => failureOf(listener, event));
    // A listener that fails gets no event about its own failure: it could fail again, for ever.
    if (event.type === "warning") return;
    for (const failure of failures) {
      const message = `A listener failed at the event "${event.type}": ${failure}`;
      this.emit({ type: "warning", message });
    }
  };

  /** Calls `listener` for every event from now on, until the result is disposed. */
  subscribe(listener: EventListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Iterates over the events from now on, until the cluster was disposed of. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ClusterEvent, void, undefined> {
    const backlog: ClusterEvent[] = [];
    let wake = () => {};
    using _subscription = this.subscribe((event) => {
      if (backlog.length <= MAX_UNREAD) backlog.push(event);
      wake();
    });
    const end = () => wake();
    this.#ends.add(end);
    try {
      while (!this.#ended || backlog.length > 0) {
        if (backlog.length > MAX_UNREAD) {
          throw new RangeError(`Cannot follow events: ${MAX_UNREAD} of them wait to be read`);
        }
        const event = backlog.shift();
        if (event) yield event;
        else await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      this.#ends.delete(end);
    }
  }

  /** Ends the stream: iterations end when they have yielded all events. */
  end(): void {
    this.#ended = true;
    for (const end of this.#ends) end();
  }
}

/** A listener that fails must not harm the cluster, nor the other listeners. */
function failureOf(listener: EventListener, event: ClusterEvent): unknown[] {
  try {
    listener(event);
    return [];
  } catch (error) {
    return [error];
  }
}
