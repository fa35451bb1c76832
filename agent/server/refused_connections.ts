/** How many refusals get a line of the log each. */
const LOGGED = 20;

/** Refusals after which the garbage that they leave is collected, and a line says so. */
const BATCH = 500;

/**
 * The connections that an agent has refused, bounded in what they cost. Only the first of them have a
 * line of the log each. A failed handshake leaves some 15 KB to the garbage collector, most of them
 * outside of the heap: V8, which counts the heap alone, would collect them after ten thousand
 * handshakes, so the collector is called before.
 */
export class RefusedConnections {
  readonly #log: (line: string) => void;
  #count = 0;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Counts one more refusal; `line` says why. */
  add(line: string): void {
    this.#count += 1;
    if (this.#count <= LOGGED) this.#log(line);
    if (this.#count % BATCH !== 0) return;
    this.#log(`${line} (the last of ${this.#count} refusals)`);
    collectGarbage();
  }
}

/** Only where V8 exposes its collector, as agents have it do by their environment. */
function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
