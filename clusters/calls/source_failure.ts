/** A stream of the test's own has failed: its error is passed on unchanged. */
export class SourceFailure extends Error {
  /** With what it failed. */
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("The source failed");
    this.reason = reason;
  }
}
