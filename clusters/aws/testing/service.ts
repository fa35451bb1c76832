import type { AwsError } from "./protocol/aws_error.ts";
import type { Operations } from "./protocol/operation.ts";
import type { Protocol } from "./protocol/wire_request.ts";

/** A service of the local AWS. */
export interface Service {
  readonly protocol: Protocol;
  readonly operations: Operations;
  readonly errors: ServiceErrors;
}

/** What a service calls what may happen to any call. */
export interface ServiceErrors {
  readonly unknownKey: () => AwsError;
  readonly badSignature: () => AwsError;
  readonly expiredToken: () => AwsError;
  readonly throttled: () => AwsError;
  readonly denied: (action: string) => AwsError;
}
