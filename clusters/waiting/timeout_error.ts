/** What is known of a wait that took too long. */
export interface Timeout {
  /** What was waited for, as in `node.waitForPort(80)`. */
  readonly what: string;
  /** How things stand, as in `nothing accepts connections`. */
  readonly state: string;
  /** Milliseconds that were waited. */
  readonly timeout: number;
  /** How often it was tried. */
  readonly tries: number;
  /** What came of that, as in `tried once, and no try ended`. */
  readonly seen: string;
  /** What the last try failed with. @default none did */
  readonly cause?: unknown;
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
  constructor(waited: Timeout) {
    const { what, state, timeout, seen, cause, where = "", details = "" } = waited;
    const message = `Cannot complete ${what}: ${state} within ${timeout} ms${where}; ${seen}`;
    super(message + details, cause === undefined ? undefined : { cause });
    this.timeout = timeout;
    this.tries = waited.tries;
  }
}
