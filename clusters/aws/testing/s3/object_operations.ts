import type {
  DeleteObjectOutput,
  DeleteObjectRequest,
  DeleteObjectsOutput,
  DeleteObjectsRequest,
  GetObjectOutput,
  GetObjectRequest,
  HeadObjectOutput,
  HeadObjectRequest,
  PutObjectOutput,
  PutObjectRequest,
} from "@aws-sdk/client-s3";
import { AwsError } from "../protocol/aws_error.ts";
import { operation, type Operations } from "../protocol/operation.ts";
import type { CallContext } from "../protocol/wire_request.ts";
import type { Buckets, StoredObject } from "./bucket.ts";
import { etagOf } from "./content.ts";
import { findBucket, findObject } from "./find_bucket.ts";

/** What can be done with objects. */
export function objectOperations(buckets: Buckets): Operations {
  return {
    PutObject: operation<PutObjectRequest, PutObjectOutput>(
      PUT_PARAMETERS,
      (input, context) => putObject(input, buckets, context),
    ),
    GetObject: operation<GetObjectRequest, object>(
      ["Bucket", "Key", "Range", "ChecksumMode"],
      (input, context) => getObject(input, buckets, context),
    ),
    HeadObject: operation<HeadObjectRequest, HeadObjectOutput>(
      ["Bucket", "Key", "ChecksumMode"],
      ({ Bucket, Key }, context) => describe(findObject(findBucket(buckets, Bucket, context), Key)),
    ),
    DeleteObject: operation<DeleteObjectRequest, DeleteObjectOutput>(
      ["Bucket", "Key"],
      ({ Bucket, Key }, context) => {
        findBucket(buckets, Bucket, context).objects.delete(Key!);
        return {};
      },
    ),
    DeleteObjects: operation<DeleteObjectsRequest, DeleteObjectsOutput>(
      ["Bucket", "Delete", "ChecksumAlgorithm"],
      (input, context) => deleteObjects(input, buckets, context),
    ),
  };
}

const PUT_PARAMETERS: readonly (keyof PutObjectRequest)[] = [
  "Bucket",
  "Key",
  "Body",
  "ContentLength",
  "ContentType",
  "ContentEncoding",
  "Metadata",
  "Tagging",
  "ChecksumAlgorithm",
  "ChecksumCRC32",
  "ChecksumSHA256",
  "IfNoneMatch",
];

function putObject(
  input: PutObjectRequest,
  buckets: Buckets,
  context: CallContext,
): PutObjectOutput {
  const { objects } = findBucket(buckets, input.Bucket, context);
  const body = (input.Body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>;
  if (input.IfNoneMatch === "*" && objects.has(input.Key!)) {
    throw new AwsError("PreconditionFailed", "At least one of the conditions did not hold", 412);
  }
  const object: StoredObject = {
    key: input.Key!,
    body,
    etag: etagOf(body),
    lastModified: new Date(),
    contentType: input.ContentType ?? "application/octet-stream",
    metadata: input.Metadata ?? {},
    tagging: input.Tagging,
  };
  objects.set(object.key, object);
  return { ETag: object.etag };
}

/** The body is all of the object or, if it was asked for, a range of it. */
function getObject(
  { Bucket, Key, Range }: GetObjectRequest,
  buckets: Buckets,
  context: CallContext,
): object {
  const object = findObject(findBucket(buckets, Bucket, context), Key);
  const Body = Range === undefined ? object.body : cut(object.body, Range);
  return { ...describe(object), ContentLength: Body.length, Body } satisfies
    & Omit<GetObjectOutput, "Body">
    & { Body: Uint8Array };
}

function cut(body: Uint8Array<ArrayBuffer>, range: string): Uint8Array<ArrayBuffer> {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  if (first === undefined || Number(first) >= body.length) {
    throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416);
  }
  return body.slice(Number(first), last ? Number(last) + 1 : undefined);
}

function describe(object: StoredObject): HeadObjectOutput {
  return {
    ContentLength: object.body.length,
    ContentType: object.contentType,
    ETag: object.etag,
    LastModified: object.lastModified,
    Metadata: { ...object.metadata },
    AcceptRanges: "bytes",
  };
}

function deleteObjects(
  { Bucket, Delete }: DeleteObjectsRequest,
  buckets: Buckets,
  context: CallContext,
): DeleteObjectsOutput {
  const { objects, locked } = findBucket(buckets, Bucket, context);
  const keys = Delete?.Objects?.map(({ Key }) => Key!) ?? [];
  if (keys.length === 0 || keys.length > 1000) {
    throw new AwsError("MalformedXML", "The XML you provided was not well-formed");
  }
  const [kept, deleted] = [true, false].map((is) => keys.filter((key) => locked.has(key) === is));
  for (const key of deleted!) objects.delete(key);
  return {
    Deleted: Delete?.Quiet ? [] : deleted!.map((Key) => ({ Key })),
    Errors: kept!.map((Key) => ({ Key, Code: "AccessDenied", Message: "Access Denied" })),
  };
}
