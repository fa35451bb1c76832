/**
 * Waiting for what a test expects to happen.
 *
 * @module
 */
export { eventually, TimeoutError } from "./eventually.ts";
export type { EventuallyOptions } from "./eventually.ts";
