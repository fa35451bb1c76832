/**
 * What has failed is not of the node that works on it, but a stream of the test's own, say, or another
 * node: its error is passed on unchanged.
 */
export class SourceFailure extends Error {
  /** With what it failed. */
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("The source failed");
    this.reason = reason;
  }
}
