import { USER_ARN } from "./account.ts";
import { AwsError } from "./protocol/aws_error.ts";
import type { ServiceErrors } from "./service.ts";

const EXPIRED = "The security token included in the request is expired";

const INVALID = "The security token included in the request is invalid";

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your key";

const deny = (code: string, status = 403) => (action: string): AwsError =>
  new AwsError(code, `User: ${USER_ARN} is not authorized to perform: ${action}`, status);

const error = (code: string, message: string, status = 403) => (): AwsError =>
  new AwsError(code, message, status);

/** What each service calls the same. */
export const serviceErrors = {
  ec2: {
    unknownKey: error(
      "AuthFailure",
      "AWS was not able to validate the provided access credentials",
      401,
    ),
    badSignature: error(
      "AuthFailure",
      "AWS was not able to validate the provided access credentials",
      401,
    ),
    expiredToken: error("RequestExpired", "Request has expired.", 400),
    throttled: error("RequestLimitExceeded", "Request limit exceeded.", 503),
    denied: (action) =>
      new AwsError(
        "UnauthorizedOperation",
        `You are not authorized to perform this operation. User: ${USER_ARN} is not authorized to ` +
          `perform: ${action} because no identity-based policy allows the ${action} action`,
        403,
      ),
  },
  s3: {
    unknownKey: error(
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
    ),
    badSignature: error("SignatureDoesNotMatch", MISMATCH),
    expiredToken: error("ExpiredToken", "The provided token has expired.", 400),
    throttled: error("SlowDown", "Please reduce your request rate.", 503),
    denied: deny("AccessDenied"),
  },
  cloudformation: {
    unknownKey: error("InvalidClientTokenId", INVALID),
    badSignature: error("SignatureDoesNotMatch", MISMATCH),
    expiredToken: error("ExpiredToken", EXPIRED),
    throttled: error("Throttling", "Rate exceeded", 400),
    denied: deny("AccessDenied"),
  },
  ssm: {
    unknownKey: error("UnrecognizedClientException", INVALID, 400),
    badSignature: error("InvalidSignatureException", MISMATCH, 400),
    expiredToken: error("ExpiredTokenException", EXPIRED, 400),
    throttled: error("ThrottlingException", "Rate exceeded", 400),
    denied: deny("AccessDeniedException", 400),
  },
  sts: {
    unknownKey: error("InvalidClientTokenId", INVALID),
    badSignature: error("SignatureDoesNotMatch", MISMATCH),
    expiredToken: error("ExpiredToken", EXPIRED),
    throttled: error("Throttling", "Rate exceeded", 400),
    denied: deny("AccessDenied"),
  },
} as const satisfies Record<string, ServiceErrors>;
