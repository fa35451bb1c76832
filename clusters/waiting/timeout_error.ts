import type { Tries } from "./tries.ts";

/** What is known of a wait that took too long. */
export interface Timeout {
  /** What was waited for, as in `node.waitForPort(80)`. */
  readonly what: string;
  /** How things stand, as in `nothing accepts connections`. */
  readonly state: string;
  /** Milliseconds that were waited. */
  readonly timeout: number;
  readonly tries: Tries;
  /** Where it was waited for, as in ` on node "a" (local)`. @default nothing */
  readonly where?: string | undefined;
  /** What else is to be read, on lines of its own. @default nothing */
  readonly details?: string | undefined;
}

/** Something that was waited for did not happen in time. */
export class TimeoutError extends Error {
  /** `"TimeoutError"`. */
  override readonly name = "TimeoutError";
  /** Milliseconds that were waited. */
  readonly timeout: number;
  /** How often it was tried. */
  readonly tries: number;

  /** @ignore */
  constructor({ what, state, timeout, tries, where = "", details = "" }: Timeout) {
    const cause = tries.last;
    const message = `Cannot complete ${what}: ${state} within ${timeout} ms${where}; ${tries}`;
    super(message + details, cause === undefined ? undefined : { cause });
    this.timeout = timeout;
    this.tries = tries.count;
  }
}
