import { AwsError } from "../protocol/aws_error.ts";
import type { CallContext } from "../protocol/wire_request.ts";
import type { Bucket, Buckets, StoredObject, Upload } from "./bucket.ts";

/** Finds a bucket; throws what S3 answers when there is none of that name in the region. */
export function findBucket(
  buckets: Buckets,
  name: string | undefined,
  { region }: CallContext,
): Bucket {
  const bucket = buckets.get(name ?? "");
  if (bucket === undefined) {
    throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
  }
  if (bucket.region === region) return bucket;
  throw new AwsError(
    "AuthorizationHeaderMalformed",
    `The authorization header is malformed; the region '${region}' is wrong; expecting ` +
      `'${bucket.region}'`,
  );
}

/** Finds an object of a bucket. */
export function findObject({ objects }: Bucket, key: string | undefined): StoredObject {
  const object = objects.get(key ?? "");
  if (object !== undefined) return object;
  throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
}

/** Finds an upload of a bucket. */
export function findUpload({ uploads }: Bucket, id: string | undefined): Upload {
  const upload = uploads.get(id ?? "");
  if (upload !== undefined) return upload;
  throw new AwsError("NoSuchUpload", "The specified upload does not exist.", 404);
}
