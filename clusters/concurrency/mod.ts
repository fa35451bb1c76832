/**
 * Waiting for work: for all or none of it, once for all callers, or until a signal aborts.
 *
 * @module
 */
export { aborted } from "./aborted.ts";
export { allOrNone } from "./all_or_none.ts";
export type { AllOrNoneOptions } from "./all_or_none.ts";
export { SharedWork } from "./shared_work.ts";
export { failuresOf, throwFailures } from "./throw_failures.ts";
export { InFlight } from "./in_flight.ts";
export { unlessAborted } from "../../agent/unless_aborted.ts";
export { duringWait, FollowedSignals, joinWait } from "./wait_scope.ts";
export type { OpenWait } from "./wait_scope.ts";
