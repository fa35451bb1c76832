import * as sdk from "@aws-sdk/client-ssm";
import { imageFor } from "../ec2/images.ts";
import { AwsError } from "../protocol/aws_error.ts";
import { JsonProtocol } from "../protocol/json_protocol.ts";
import { operation } from "../protocol/operation.ts";
import type { Service } from "../service.ts";
import { serviceErrors } from "../service_errors.ts";

/** Knows the images that the public parameters of Amazon Linux 2023 name. */
export function ssmService(): Service {
  return {
    protocol: new JsonProtocol({ sdk, target: "AmazonSSM" }),
    errors: serviceErrors.ssm,
    operations: {
      GetParameter: operation<sdk.GetParameterRequest, sdk.GetParameterResult>(
        ["Name"],
        ({ Name }, { region }) => ({ Parameter: parameter(Name!, region) }),
      ),
    },
  };
}

function parameter(name: string, region: string): sdk.Parameter {
  const [, architecture] =
    /^\/aws\/service\/ami-amazon-linux-latest\/al2023-ami-(?:minimal-)?kernel-default-(x86_64|arm64)$/
      .exec(name) ?? [];
  if (architecture === undefined) {
    throw new AwsError("ParameterNotFound", `There is no parameter "${name}"`);
  }
  return {
    Name: name,
    Type: "String",
    Value: imageFor(architecture as "x86_64" | "arm64", region),
    Version: 1,
    LastModifiedDate: new Date("2026-01-01T00:00:00Z"),
    ARN: `arn:aws:ssm:${region}::parameter${name}`,
    DataType: "text",
  };
}
