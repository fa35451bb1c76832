/**
 * The host cannot be reached any more. Whether an operation that was under way has been done over
 * there is not known.
 */
export class HostLostError extends Error {
  /** `"HostLostError"`. */
  override readonly name = "HostLostError";
  /** A clause that completes "the host was lost: …". */
  readonly reason: string;

  /** `reason` completes "the host was lost: …". */
  constructor(reason: string, options?: ErrorOptions) {
    super(`The host was lost: ${reason}`, options);
    this.reason = reason;
  }
}
