/** A function, of whatever kind. */
type Member = (...args: never[]) => unknown;

/**
 * Does work of `member`, which the author of a test has called: an error has the stack of that call, whose
 * first frame is the author's own line. For checks of options, where the place of the check helps nobody.
 */
export function atCaller<T>(member: Member, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) Error.captureStackTrace(error, member);
    throw error;
  }
}
