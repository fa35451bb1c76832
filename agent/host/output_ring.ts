/** Bytes of an output, found by their distance from its beginning. */
export interface OutputSource {
  /** Bytes that came before the oldest one that is kept. */
  readonly start: number;
  /** Bytes that came until now. */
  readonly end: number;
  /** A copy of what is between two places that are kept. @default until the end */
  slice(from: number, to?: number): Uint8Array<ArrayBuffer>;
}

/** The latest bytes of an endless sequence. */
export class OutputRing implements OutputSource {
  readonly #capacity: number;
  #bytes = new Uint8Array(0);
  #end = 0;

  /** `capacity` is in bytes; memory is taken as it is needed. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get end(): number {
    return this.#end;
  }

  get start(): number {
    return Math.max(0, this.#end - this.#capacity);
  }

  /** Keeps a copy of `chunk`, and drops the oldest bytes beyond the capacity. */
  append(chunk: Uint8Array): void {
    this.#reserve(Math.min(this.#capacity, this.#end + chunk.length));
    const kept = chunk.subarray(Math.max(0, chunk.length - this.#capacity));
    const position = (this.#end + chunk.length - kept.length) % this.#capacity;
    const untilWrap = this.#capacity - position;
    this.#bytes.set(kept.subarray(0, untilWrap), position);
    if (kept.length > untilWrap) this.#bytes.set(kept.subarray(untilWrap), 0);
    this.#end += chunk.length;
  }

  /** A copy of what is between two places, of which the first is at least {@linkcode start}. */
  slice(from: number, to: number = this.#end): Uint8Array<ArrayBuffer> {
    const length = to - from;
    const position = from % this.#capacity;
    const result = this.#bytes.slice(position, position + length);
    if (result.length === length) return result;
    const whole = new Uint8Array(length);
    whole.set(result);
    whole.set(this.#bytes.subarray(0, length - result.length), result.length);
    return whole;
  }

  /** Nothing has wrapped before the capacity is reached, so growing is copying. */
  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.min(this.#capacity, Math.max(size, 2 * this.#bytes.length)));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
