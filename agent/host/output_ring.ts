/** The latest bytes of an endless sequence, found by their distance from its start. */
export class OutputRing {
  readonly #capacity: number;
  #bytes = new Uint8Array(0);
  #end = 0;

  /** `capacity` is in bytes; memory is taken as it is needed. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Bytes that were appended since the beginning. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that came before the oldest one that is kept. */
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

  /** A copy of everything from `offset` on, which is at least {@linkcode start}. */
  from(offset: number): Uint8Array<ArrayBuffer> {
    const length = this.#end - offset;
    const position = offset % this.#capacity;
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
