import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { BackendUnusableError } from "../errors.ts";
import { AGENT_PREFIX } from "./agent_object.ts";
import type { Aws } from "./api/aws.ts";
import type { LeftOvers } from "./left_overs.ts";
import { findStack } from "./stack/find_stack.ts";
import type { Ec2SweepOptions } from "./sweep.ts";

/** Milliseconds after which nobody goes on with an upload any more. */
const UPLOAD_LIFE = 60 * 60 * 1000;

/** Objects that one request deletes. */
const BATCH = 1000;

/**
 * Agents in the stack's bucket, if caches are asked for, and uploads that nobody completes. No run
 * owns them, so a sweep of one run leaves them alone.
 */
export async function listObjects(aws: Aws, options: Ec2SweepOptions): Promise<LeftOvers> {
  const bucket = options.run === undefined ? await bucketOf(aws, options) : undefined;
  if (bucket === undefined) return { kind: "object", dead: [], remove: () => Promise.resolve() };
  const objects = options.caches ? await agentsIn(aws, bucket, options.signal) : [];
  const uploads = await uploadsTo(aws, bucket, options.signal);
  return {
    kind: "object",
    dead: [
      ...objects.map((id) => ({ id, reason: "a cache of the agent" })),
      ...uploads.map(({ key }) => ({ id: key, reason: "an upload that nobody goes on with" })),
    ],
    remove: async () => {
      await deleteObjects(aws, bucket, objects);
      for (const upload of uploads) await abortUpload(aws, bucket, upload);
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
    if (error instanceof BackendUnusableError && /stack/.test(error.message)) return undefined;
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
interface Upload {
  readonly key: string;
  readonly id: string;
}

/** One page will do: the bucket itself forgets them after a day. */
async function uploadsTo(
  aws: Aws,
  bucket: string,
  signal: AbortSignal | undefined,
): Promise<Upload[]> {
  const input = { Bucket: bucket, Prefix: AGENT_PREFIX };
  const { Uploads = [] } = await aws.call(
    "look at uploads to the stack's bucket",
    (each) => aws.s3.send(new ListMultipartUploadsCommand(input), each),
    { signal },
  );
  const dead = Uploads.filter(({ Initiated }) =>
    Initiated !== undefined && Initiated.getTime() < Date.now() - UPLOAD_LIFE
  );
  return dead.map(({ Key: key = "", UploadId: id = "" }) => ({ key, id }));
}

async function deleteObjects(aws: Aws, bucket: string, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += BATCH) {
    const Objects = keys.slice(i, i + BATCH).map((Key) => ({ Key }));
    await aws.call(
      "delete agents from the stack's bucket",
      (each) =>
        aws.s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }), each),
    );
  }
}

async function abortUpload(aws: Aws, bucket: string, { key, id }: Upload): Promise<void> {
  const input = { Bucket: bucket, Key: key, UploadId: id };
  await aws.call(
    "forget an upload to the stack's bucket",
    (each) => aws.s3.send(new AbortMultipartUploadCommand(input), each),
  );
}
