/** Refusals that have a line of the log each. */
const LOGGED = 20;

/** Refusals after which the garbage that strangers make is collected, and a line says so. */
const BATCH = 500;

/**
 * The connections that an agent has refused. A stranger who knocks ten thousand times fills neither
 * the log nor the memory: what the runtime had for a failed handshake, some 15 KB, most of them
 * outside of the heap, it gives back with the next collection of garbage, which the heap alone, for
 * which these are small objects, calls for after ten thousand.
 */
export class Refusals {
  readonly #log: (line: string) => void;
  #count = 0;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** One more; `line` says why. */
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
