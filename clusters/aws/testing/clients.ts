import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY } from "./account.ts";
import type { AwsServer } from "./aws_server.ts";

/** The official clients of a local AWS. They try once. */
export class AwsClients implements Disposable {
  readonly cloudFormation: CloudFormationClient;
  readonly ec2: EC2Client;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
  readonly sts: STSClient;

  constructor(
    { endpoint }: Pick<AwsServer, "endpoint">,
    { accessKeyId = ACCESS_KEY_ID, secretAccessKey = SECRET_ACCESS_KEY, region = REGION } = {},
  ) {
    const credentials = { accessKeyId, secretAccessKey };
    const config = { endpoint, credentials, region, maxAttempts: 1 };
    this.cloudFormation = new CloudFormationClient(config);
    this.ec2 = new EC2Client(config);
    this.s3 = new S3Client(config);
    this.ssm = new SSMClient(config);
    this.sts = new STSClient(config);
  }

  /** Closes their connections. */
  [Symbol.dispose](): void {
    for (const each of [this.cloudFormation, this.ec2, this.s3, this.ssm, this.sts]) {
      each.destroy();
    }
  }
}
