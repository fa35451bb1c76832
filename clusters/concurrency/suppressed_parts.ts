/** The parts of an error of a disposed stack: the first failure, and then what could not be given back. */
export function suppressedParts(error: unknown): unknown[] {
  if (!(error instanceof SuppressedError)) return [error];
  return [...suppressedParts(error.suppressed), ...suppressedParts(error.error)];
}
