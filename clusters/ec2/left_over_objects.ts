import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { AGENT_PREFIX, type Aws, findStack, MissingStackError } from "../aws/mod.ts";
import { type Failures, type LeftOvers, removeEach } from "./left_overs.ts";
import type { Ec2SweepOptions } from "./sweep_options.ts";

/** Milliseconds after which an upload is taken to be abandoned. */
const UPLOAD_LIFE = 60 * 60 * 1000;

/** Objects that one request deletes. */
const BATCH = 1000;

/**
 * Agents in the stack's bucket, if caches are asked for, and uploads that were abandoned.
 */
export async function listObjects(aws: Aws, options: Ec2SweepOptions): Promise<LeftOvers> {
  const bucket = await bucketOf(aws, options);
  if (bucket === undefined) return { dead: [], remove: () => Promise.resolve(new Map()) };
  const objects = options.caches ? await agentsIn(aws, bucket, options.signal) : [];
  const uploads = await uploadsTo(aws, bucket, options.signal);
  return {
    dead: [
      ...objects.map((id) => ({ id, reason: "a cache of the agent" })),
      ...uploads.map(({ key }) => ({ id: key, reason: "an upload that nobody goes on with" })),
    ],
    remove: async () => {
      const forget = (upload: UnfinishedUpload) => abortUpload(aws, bucket, upload);
      const kept = await deleteObjects(aws, bucket, objects);
      return new Map([...kept, ...await removeEach(uploads, ({ key }) => key, forget)]);
    },
  };
}

/** Without a stack there is nothing. */
async function bucketOf(
  aws: Aws,
  { stackName, signal }: Ec2SweepOptions,
): Promise<string | undefined> {
  try {
    return (await findStack(aws, { stackName, signal })).bucket;
  } catch (error) {
    if (error instanceof MissingStackError) return undefined;
    throw error;
  }
}

async function agentsIn(
  aws: Aws,
  bucket: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const input = { Bucket: bucket, Prefix: AGENT_PREFIX, ContinuationToken: token };
    const { Contents = [], NextContinuationToken } = await aws.call(
      "look at the stack's bucket",
      (each) => aws.s3.send(new ListObjectsV2Command(input), each),
      { signal },
    );
    keys.push(...Contents.map(({ Key = "" }) => Key));
    token = NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

/** An upload that was begun and not completed. */
interface UnfinishedUpload {
  readonly key: string;
  readonly id: string;
}

async function uploadsTo(
  aws: Aws,
  bucket: string,
  signal: AbortSignal | undefined,
): Promise<UnfinishedUpload[]> {
  const uploads: UnfinishedUpload[] = [];
  const input: ListMultipartUploadsCommandInput = { Bucket: bucket, Prefix: AGENT_PREFIX };
  let isTruncated = true;
  while (isTruncated) {
    const { Uploads = [], ...page }: ListMultipartUploadsCommandOutput = await aws.call(
      "look at uploads to the stack's bucket",
      (each) => aws.s3.send(new ListMultipartUploadsCommand(input), each),
      { signal },
    );
    const dead = Uploads.filter(({ Initiated }) => isOver(Initiated));
    uploads.push(...dead.map(({ Key: key = "", UploadId: id = "" }) => ({ key, id })));
    [input.KeyMarker, input.UploadIdMarker] = [page.NextKeyMarker, page.NextUploadIdMarker];
    isTruncated = page.IsTruncated ?? false;
  }
  return uploads;
}

function isOver(initiated: Date | undefined): boolean {
  return initiated !== undefined && initiated.getTime() < Date.now() - UPLOAD_LIFE;
}

/** S3 tells of each object by itself. */
async function deleteObjects(
  aws: Aws,
  bucket: string,
  keys: readonly string[],
): Promise<Failures> {
  const failures = new Map<string, string>();
  for (let i = 0; i < keys.length; i += BATCH) {
    const batch = keys.slice(i, i + BATCH);
    const Delete = { Objects: batch.map((Key) => ({ Key })), Quiet: true };
    const deletion = aws.call(
      "delete agents from the stack's bucket",
      (each) => aws.s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }), each),
    );
    try {
      const { Errors = [] } = await deletion;
      for (const { Key = "", Code, Message } of Errors) failures.set(Key, `${Code}: ${Message}`);
    } catch (error) {
      for (const key of batch) failures.set(key, (error as Error).message);
    }
  }
  return failures;
}

async function abortUpload(aws: Aws, bucket: string, { key, id }: UnfinishedUpload): Promise<void> {
  const input = { Bucket: bucket, Key: key, UploadId: id };
  await aws.call(
    "forget an upload to the stack's bucket",
    (each) => aws.s3.send(new AbortMultipartUploadCommand(input), each),
  );
}
