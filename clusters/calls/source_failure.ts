/**
 * A failure that is not the node's, but that of the test's own stream, or of another node: callers get its
 * `reason` unchanged.
 */
export class SourceFailure extends Error {
  /** The error of the source. */
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("The source failed");
    this.reason = reason;
  }
}
