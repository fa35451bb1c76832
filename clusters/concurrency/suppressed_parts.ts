/** Why something failed, and then what could not be given back, of an error that a disposed stack throws. */
export function suppressedParts(error: unknown): unknown[] {
  if (!(error instanceof SuppressedError)) return [error];
  return [...suppressedParts(error.suppressed), ...suppressedParts(error.error)];
}
