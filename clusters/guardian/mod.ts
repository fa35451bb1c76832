/**
 * The process that outlives the runner, and gives back what the runner left.
 *
 * @module
 */
export { Guardian } from "./guardian.ts";
export type { Watch } from "./guardian.ts";
