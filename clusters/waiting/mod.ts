/**
 * Waiting for what a test expects to happen.
 *
 * @module
 */
export { eventually } from "./eventually.ts";
export type { EventuallyOptions } from "./eventually.ts";
export { Tries } from "./tries.ts";
export { checkDuration, tryUntil, WAIT_TIMEOUT } from "./try_until.ts";
export type { TryOptions } from "./try_until.ts";
