/**
 * The failure of a member, which says what could not be done with which: `what` completes "Cannot …". The
 * error stays the same one, so that its class and fields do.
 */
export function failureOf(what: string, error: unknown, space = " "): unknown {
  if (!(error instanceof Error)) return error;
  // Of some built-in errors it cannot be assigned.
  const value = `Cannot ${what}:${space}${error.message}`;
  Object.defineProperty(error, "message", { value, configurable: true, writable: true });
  return error;
}
