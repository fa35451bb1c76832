import { Buffer } from "node:buffer";
import type {
  HeadBucketOutput,
  HeadBucketRequest,
  ListObjectsV2Output,
  ListObjectsV2Request,
} from "@aws-sdk/client-s3";
import { operation, type Operations } from "../protocol/operation.ts";
import type { CallContext } from "../protocol/wire_request.ts";
import type { Bucket, Buckets } from "./bucket.ts";
import { findBucket } from "./find_bucket.ts";

/** What can be asked of buckets. */
export function bucketOperations(buckets: Buckets): Operations {
  return {
    HeadBucket: operation<HeadBucketRequest, HeadBucketOutput>(
      ["Bucket"],
      ({ Bucket }, context) => ({ BucketRegion: findBucket(buckets, Bucket, context).region }),
    ),
    ListObjectsV2: operation<ListObjectsV2Request, ListObjectsV2Output>(
      ["Bucket", "Prefix", "MaxKeys", "ContinuationToken", "StartAfter"],
      (input, context) => listObjects(input, findBucket(buckets, input.Bucket, context), context),
    ),
  };
}

/** Sorted as S3 does: by the bytes of the keys. */
function listObjects(
  { Prefix = "", MaxKeys = 1000, ContinuationToken, StartAfter = "" }: ListObjectsV2Request,
  { name, objects }: Bucket,
  { pageSize }: CallContext,
): ListObjectsV2Output {
  const after = ContinuationToken === undefined
    ? StartAfter
    : Buffer.from(ContinuationToken, "base64").toString();
  const rest = [...objects.values()].filter(({ key }) => key.startsWith(Prefix) && key > after)
    .sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)));
  const page = rest.slice(0, Math.min(MaxKeys, pageSize));
  const isTruncated = page.length < rest.length;
  const last = page.at(-1)?.key ?? "";
  return {
    Name: name,
    Prefix,
    MaxKeys,
    KeyCount: page.length,
    IsTruncated: isTruncated,
    NextContinuationToken: isTruncated ? Buffer.from(last).toString("base64") : undefined,
    Contents: page.map(({ key, body, etag, lastModified }) => ({
      Key: key,
      Size: body.length,
      ETag: etag,
      LastModified: lastModified,
      StorageClass: "STANDARD",
    })),
  };
}
