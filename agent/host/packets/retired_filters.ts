/** Filters that are kept at most: the kernel looks at a thousand for each packet, and at no more. */
const MAX_KEPT = 128;

/** What sees packets by rules of its own. */
export interface RetiringFilter extends Disposable {
  /** Whether nothing of it is left. */
  readonly isClosed: boolean;
  /** Removes its rules, and leaves what they were in. Idempotent. */
  clear(): void;
}

/**
 * Ends filters so that no packet is lost by it: while packets may wait in queues, a filter loses its rules
 * alone, and its empty table goes with the last queue.
 */
export class RetiredFilters {
  readonly #kept = new Set<RetiringFilter>();
  #queues = 0;

  /** A queue begins, until {@linkcode endQueue}. */
  beginQueue(): void {
    this.#queues++;
  }

  /** A queue has ended: nothing waits in it. */
  endQueue(): void {
    this.#queues--;
    if (this.#queues === 0) this.#removeAll();
  }

  /** Ends a filter: no packet is concerned any more. Idempotent. */
  retire(filter: RetiringFilter): void {
    if (filter.isClosed) return;
    if (this.#queues === 0) return filter[Symbol.dispose]();
    filter.clear();
    this.#kept.add(filter);
    // What waits then is lost, once in many faults.
    if (this.#kept.size > MAX_KEPT) this.#removeAll();
  }

  #removeAll(): void {
    for (const filter of this.#kept) filter[Symbol.dispose]();
    this.#kept.clear();
  }
}
