import { getHeapStatistics } from "node:v8";

/** Bytes of ballast where V8 may have gigabytes: a tenth of it is more than the network buffers in use at a time. */
const FULL_SIZE = 1024 * 1024 * 1024;

/** The share of V8's limit that the ballast is elsewhere: with more, V8 would collect as if memory were short. */
const SHARE = 1 / 4;

/** The ballast that all instances share: several would be of no more use than one. */
let shared: ArrayBuffer | undefined;
let holders = 0;

/**
 * Memory that is asked for and never touched, so that none is taken from the machine: it only has V8
 * believe that a lot is kept. V8 looks through its whole heap when there is, at the least, a tenth
 * more than was kept the last time, buffers that came from the network included. Where little is
 * kept, that is after every 20 MB of them, though to look through the young ones would do, which
 * takes a thirtieth of the time (`--v8-flags=--trace-gc`). Files come down 1.4 times as fast with
 * this, outputs of processes 1.3 times, for 40 % less of the runner's CPU time (`deno task bench`,
 * its rows `file-512m-down` and `process-output`, with and without).
 *
 * V8's own option for the same can only be given when a program starts, and a runner is started by
 * its user.
 */
export class Ballast implements Disposable {
  #held = true;

  /** Holds it until disposed of. */
  constructor() {
    holders += 1;
    if (holders === 1) shared = reserve(ballastSize(getHeapStatistics().heap_size_limit));
  }

  /** Lets go of it. Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#held) return;
    this.#held = false;
    holders -= 1;
    if (holders > 0) return;
    // Freed now, not when garbage is collected: the next cluster asks for its own.
    shared?.transfer(0);
    shared = undefined;
  }
}

/** Bytes of ballast for a heap that may have so many. */
export function ballastSize(heapLimit: number): number {
  return Math.min(FULL_SIZE, Math.floor(heapLimit * SHARE));
}

/** Allocates ballast; `undefined` where the system refuses to promise memory that it does not have. */
function reserve(size: number): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(size);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
