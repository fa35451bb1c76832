/**
 * A number from 0 to below 1 that looks random, and is the same for the same numbers. It is that of the
 * finalizer of MurmurHash3, over all of them.
 */
export function draw(...numbers: readonly [number, ...number[]]): number {
  return hash(...numbers) / 2 ** 32;
}

/** A number of 32 bits that looks random, and is the same for the same numbers. */
export function hash(...numbers: readonly [number, ...number[]]): number {
  let state = 0;
  for (const number of numbers) {
    state = Math.imul(state ^ number, 0x9e3779b1) + 0x7f4a7c15;
    state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return state >>> 0;
}
