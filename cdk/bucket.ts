import { Duration, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";

/** Days after which an agent is removed; the run that needs it next puts it there again. */
const EXPIRY = 30;

/** The bucket of the agents: nothing in it is public, unencrypted, or kept. */
export function addBucket(stack: Stack): Bucket {
  return new Bucket(stack, "Bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
    lifecycleRules: [{
      id: "expire",
      expiration: Duration.days(EXPIRY),
      abortIncompleteMultipartUploadAfter: Duration.days(1),
    }],
  });
}
