/** A number of bytes that grows by `rate` each second, up to what a second brings. */
export class TokenBucket {
  readonly #rate: number;
  #tokens: number;
  #time = performance.now();

  /** `rate` is in bytes per second. It begins full. */
  constructor(rate: number) {
    this.#rate = rate;
    this.#tokens = rate;
  }

  /** Bytes that may be taken now. */
  get available(): number {
    const now = performance.now();
    const grown = (now - this.#time) / 1000 * this.#rate;
    this.#time = now;
    return this.#tokens = Math.floor(Math.min(this.#rate, this.#tokens + grown));
  }

  /** Takes up to `wanted` bytes, and says how many. */
  take(wanted: number): number {
    const taken = this.#tokens >= wanted ? wanted : Math.min(wanted, this.available);
    this.#tokens -= taken;
    return taken;
  }
}
