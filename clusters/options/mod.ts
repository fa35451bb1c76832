/**
 * What callers pass in an object of options, and what is said when they cannot be.
 *
 * @module
 */
export { atCaller } from "./at_caller.ts";
export { checkOptions, hintAt } from "./check_options.ts";
export * as kinds from "./option_kinds.ts";
export type { OptionKind, OptionKinds } from "./option_kinds.ts";
export { recordedOptions } from "./recorded_options.ts";
export type { RecordedOptions, RecordedValue } from "./recorded_options.ts";
export { refuseOption } from "./refuse_option.ts";
export { valueKind } from "./value_kind.ts";
export { withoutCredentials } from "./without_credentials.ts";
