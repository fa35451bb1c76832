/** How each of several things is made and undone. */
export interface AllOrNoneOptions<T, N> {
  /** Makes the thing of an item, unless `signal` aborts. */
  readonly make: (item: T, signal: AbortSignal) => Promise<N>;
  /** Undoes a thing that was made. */
  readonly undo: (made: N) => Promise<unknown>;
  /** Aborting one of them aborts all of the work; its reason is thrown. */
  readonly signals: readonly AbortSignal[];
}

/**
 * Makes a thing of every item, all at the same time. The first failure aborts the others, and is thrown
 * when everything that was made has been undone.
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
