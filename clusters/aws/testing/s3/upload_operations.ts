import { Buffer } from "node:buffer";
import type {
  AbortMultipartUploadOutput,
  AbortMultipartUploadRequest,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadRequest,
  CreateMultipartUploadOutput,
  CreateMultipartUploadRequest,
  ListMultipartUploadsOutput,
  ListMultipartUploadsRequest,
  UploadPartOutput,
  UploadPartRequest,
} from "@aws-sdk/client-s3";
import { hex } from "../account.ts";
import { AwsError } from "../protocol/aws_error.ts";
import { operation, type Operations } from "../protocol/operation.ts";
import type { CallContext } from "../protocol/wire_request.ts";
import type { Bucket, Buckets, Upload, UploadedPart } from "./bucket.ts";
import { etagOf, etagOfParts } from "./content.ts";
import { findBucket, findUpload } from "./find_bucket.ts";

/** Bytes that every part but the last has at least. */
const MIN_PART = 5 * 1024 * 1024;

/** What can be done to upload in parts. */
export function uploadOperations(buckets: Buckets): Operations {
  return {
    CreateMultipartUpload: operation<CreateMultipartUploadRequest, CreateMultipartUploadOutput>(
      CREATE_PARAMETERS,
      (input, context) => createUpload(input, buckets, context),
    ),
    UploadPart: operation<UploadPartRequest, UploadPartOutput>(
      PART_PARAMETERS,
      (input, context) => uploadPart(input, buckets, context),
    ),
    CompleteMultipartUpload: operation<
      CompleteMultipartUploadRequest,
      CompleteMultipartUploadOutput
    >(
      ["Bucket", "Key", "UploadId", "MultipartUpload", "ChecksumType"],
      (input, context) => completeUpload(input, buckets, context),
    ),
    AbortMultipartUpload: operation<AbortMultipartUploadRequest, AbortMultipartUploadOutput>(
      ["Bucket", "Key", "UploadId"],
      ({ Bucket, UploadId }, context) => {
        const bucket = findBucket(buckets, Bucket, context);
        bucket.uploads.delete(findUpload(bucket, UploadId).id);
        return {};
      },
    ),
    ListMultipartUploads: operation<ListMultipartUploadsRequest, ListMultipartUploadsOutput>(
      ["Bucket", "Prefix", "KeyMarker", "UploadIdMarker"],
      (input, context) => listUploads(input, findBucket(buckets, input.Bucket, context), context),
    ),
  };
}

const CREATE_PARAMETERS: readonly (keyof CreateMultipartUploadRequest)[] = [
  "Bucket",
  "Key",
  "ContentType",
  "ContentEncoding",
  "Metadata",
  "Tagging",
  "ChecksumAlgorithm",
  "ChecksumType",
];

const PART_PARAMETERS: readonly (keyof UploadPartRequest)[] = [
  "Bucket",
  "Key",
  "UploadId",
  "PartNumber",
  "Body",
  "ContentLength",
  "ChecksumAlgorithm",
  "ChecksumCRC32",
  "ChecksumSHA256",
];

function createUpload(
  input: CreateMultipartUploadRequest,
  buckets: Buckets,
  context: CallContext,
): CreateMultipartUploadOutput {
  const { uploads } = findBucket(buckets, input.Bucket, context);
  const upload: Upload = {
    id: hex(32),
    key: input.Key!,
    initiated: new Date(),
    contentType: input.ContentType ?? "application/octet-stream",
    metadata: input.Metadata ?? {},
    tagging: input.Tagging,
    parts: new Map(),
  };
  uploads.set(upload.id, upload);
  return { Bucket: input.Bucket, Key: input.Key, UploadId: upload.id };
}

function uploadPart(
  { Bucket, UploadId, PartNumber = 0, Body }: UploadPartRequest,
  buckets: Buckets,
  context: CallContext,
): UploadPartOutput {
  if (PartNumber < 1 || PartNumber > 10_000) {
    throw new AwsError("InvalidArgument", "Part number must be between 1 and 10000, inclusive");
  }
  const upload = findUpload(findBucket(buckets, Bucket, context), UploadId);
  const body = (Body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>;
  const ETag = etagOf(body);
  upload.parts.set(PartNumber, { body, etag: ETag });
  return { ETag };
}

function completeUpload(
  { Bucket, Key, UploadId, MultipartUpload }: CompleteMultipartUploadRequest,
  buckets: Buckets,
  context: CallContext,
): CompleteMultipartUploadOutput {
  const bucket = findBucket(buckets, Bucket, context);
  const upload = findUpload(bucket, UploadId);
  const parts = checkParts(upload, MultipartUpload?.Parts ?? []);
  const etag = etagOfParts(parts.map((part) => part.etag));
  const { key, contentType, metadata, tagging } = upload;
  const body = new Uint8Array(Buffer.concat(parts.map((part) => part.body)));
  bucket.objects.set(key, {
    key,
    body,
    etag,
    lastModified: new Date(),
    contentType,
    metadata,
    tagging,
  });
  bucket.uploads.delete(upload.id);
  return { Bucket, Key, ETag: etag };
}

function checkParts(
  { parts }: Upload,
  asked: readonly { PartNumber?: number | undefined; ETag?: string | undefined }[],
): UploadedPart[] {
  const numbers = asked.map(({ PartNumber = 0 }) => PartNumber);
  if (numbers.length === 0 || numbers.some((number, i) => i > 0 && number <= numbers[i - 1]!)) {
    throw new AwsError("InvalidPartOrder", "The list of parts was not in ascending order.");
  }
  const found = asked.map(({ PartNumber = 0, ETag }) => {
    const part = parts.get(PartNumber);
    if (part !== undefined && part.etag === ETag) return part;
    throw new AwsError("InvalidPart", `The part ${PartNumber} could not be found`);
  });
  if (found.slice(0, -1).some(({ body }) => body.length < MIN_PART)) {
    throw new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum size");
  }
  return found;
}

/** Sorted by key, and those of one key by the time when they began. */
function listUploads(
  { Bucket, Prefix = "", KeyMarker = "", UploadIdMarker }: ListMultipartUploadsRequest,
  { uploads }: Bucket,
  { pageSize }: CallContext,
): ListMultipartUploadsOutput {
  const sorted = [...uploads.values()].filter(({ key }) => key.startsWith(Prefix))
    .sort((one, other) => one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
  const marked = sorted.findIndex(({ id }) => id === UploadIdMarker);
  const rest = marked < 0 ? sorted.filter(({ key }) => key > KeyMarker) : sorted.slice(marked + 1);
  const page = rest.slice(0, pageSize);
  const last = page.length < rest.length ? page.at(-1) : undefined;
  return {
    Bucket,
    Prefix,
    IsTruncated: last !== undefined,
    NextKeyMarker: last?.key,
    NextUploadIdMarker: last?.id,
    Uploads: page.map(describe),
  };
}

function describe({ id, key, initiated }: Upload) {
  return { UploadId: id, Key: key, Initiated: initiated };
}
