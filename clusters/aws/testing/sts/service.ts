import * as sdk from "@aws-sdk/client-sts";
import { ACCOUNT, USER_ARN } from "../account.ts";
import { operation } from "../protocol/operation.ts";
import { QueryProtocol } from "../protocol/query_protocol.ts";
import type { Service } from "../service.ts";
import { serviceErrors } from "../service_errors.ts";

/** Answers whose credentials a request has. */
export function stsService(): Service {
  return {
    protocol: new QueryProtocol({
      sdk,
      ec2: false,
      version: "2011-06-15",
      namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    }),
    errors: serviceErrors.sts,
    operations: {
      GetCallerIdentity: operation<sdk.GetCallerIdentityRequest, sdk.GetCallerIdentityResponse>(
        [],
        () => ({ Account: ACCOUNT, Arn: USER_ARN, UserId: "AIDACLUSTERTESTLOCAL" }),
      ),
    },
  };
}
