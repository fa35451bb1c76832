/** What the kernel counts in. */
export interface SystemConstants {
  /** Bytes of a page of memory. */
  readonly pageSize: number;
  /** Milliseconds of a tick of processor time. */
  readonly tick: number;
}

/** Entries of the vector that the kernel hands to every program. */
const PAGE_SIZE = 6n;
const TICKS_PER_SECOND = 17n;

/** What this kernel counts in; what most do where it does not say. */
export function systemConstants(path = "/proc/self/auxv"): SystemConstants {
  const vector = entriesOf(path);
  const pageSize = vector.get(PAGE_SIZE) || 4096n;
  const ticks = vector.get(TICKS_PER_SECOND) || 100n;
  return { pageSize: Number(pageSize), tick: 1000 / Number(ticks) };
}

function entriesOf(path: string): ReadonlyMap<bigint, bigint> {
  try {
    const bytes = Deno.readFileSync(path);
    const words = new BigUint64Array(bytes.buffer, 0, Math.floor(bytes.length / 16) * 2);
    const pairs = Array.from({ length: words.length / 2 }, (_, i) => i);
    return new Map(pairs.map((i) => [words[2 * i]!, words[2 * i + 1]!]));
  } catch {
    return new Map();
  }
}
