/** What a service answers instead of a result. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** As the service's documentation has it: `InvalidInstanceID.NotFound`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Nothing else is answered to what the server does not know: the test that relies on it fails. */
export function notImplemented(what: string): AwsError {
  return new AwsError("NotImplemented", `The local AWS does not implement ${what}`, 501);
}
