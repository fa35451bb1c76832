/** How things are made together. */
export interface AllOrNoneOptions<T, N> {
  /** Makes one of an item, unless `signal` aborts. */
  readonly make: (item: T, signal: AbortSignal) => Promise<N>;
  /** Undoes one that was made. */
  readonly undo: (made: N) => Promise<unknown>;
  /** Aborting one of them aborts all of the work; its reason is thrown. */
  readonly signals: readonly AbortSignal[];
}

/**
 * Makes something of every item, all at the same time. The first failure ends the others; once nothing
 * is left of what was made, it is the one that is thrown.
 */
export async function allOrNone<T, N>(
  items: readonly T[],
  { make, undo, signals }: AllOrNoneOptions<T, N>,
): Promise<N[]> {
  const failure = new AbortController();
  const either = AbortSignal.any([...signals, failure.signal]);
  const results = await Promise.allSettled(items.map(async (item) => {
    try {
      return await make(item, either);
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  }));
  const made = results.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
  if (!either.aborted) return made;
  await Promise.allSettled(made.map(undo));
  for (const signal of signals) signal.throwIfAborted();
  throw failure.signal.reason;
}
