/** Something on the test's own side has failed: its error is passed on as it is. */
export class SourceFailure extends Error {
  /** With what it failed. */
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("The source failed");
    this.reason = reason;
  }
}
