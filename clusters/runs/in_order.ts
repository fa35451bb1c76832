/** Something that has a time. */
interface Timed {
  readonly time: number;
}

/** A sequence that was begun, and what comes next in it. */
interface Head<T> {
  readonly rest: Iterator<T>;
  readonly next: T;
  /** Decides between those with the same time. */
  readonly rank: number;
}

/** Merges sequences, each in the order of time, into one. */
export function* inOrder<T extends Timed>(
  sequences: readonly Iterable<T>[],
): Generator<T, void, undefined> {
  // A heap: each head comes before its two children, those of `i` at `2 * i + 1` and `2 * i + 2`.
  const heap: Head<T>[] = [];
  for (const [rank, sequence] of sequences.entries()) {
    const rest = sequence[Symbol.iterator]();
    const { value, done } = rest.next();
    if (!done) heap.push({ rest, next: value, rank });
  }
  heap.sort((a, b) => isBefore(a, b) ? -1 : 1);
  for (let first = heap[0]; first; first = heap[0]) {
    yield first.next;
    const { value, done } = first.rest.next();
    const last = done ? heap.pop()! : { ...first, next: value };
    if (heap.length > 0) sink(heap, last);
  }
}

/** Puts a head in the place of the first one, and from there to where it belongs. */
function sink<T extends Timed>(heap: Head<T>[], head: Head<T>): void {
  for (let place = 0;;) {
    const [left, right] = [2 * place + 1, 2 * place + 2];
    const child = heap[right] && isBefore(heap[right], heap[left]!) ? right : left;
    if (!heap[child] || !isBefore(heap[child], head)) return void (heap[place] = head);
    heap[place] = heap[child];
    place = child;
  }
}

function isBefore<T extends Timed>(a: Head<T>, b: Head<T>): boolean {
  return a.next.time < b.next.time || (a.next.time === b.next.time && a.rank < b.rank);
}
