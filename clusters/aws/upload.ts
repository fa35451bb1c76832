import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { Aws } from "./aws.ts";
import type { Tags } from "./tags.ts";

/** Bytes of a part: S3 takes no smaller ones than 5 MiB, but for the last. */
const PART = 8 * 1024 * 1024;

/** Parts that are under way at a time. */
const PARALLEL = 4;

/** Milliseconds for a part, over a slow line too. */
const PART_DEADLINE = 300_000;

/** Where something is put, and how. */
export interface UploadOptions {
  readonly bucket: string;
  readonly key: string;
  readonly tags: Tags;
  /** Called with how many bytes have arrived. */
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** An upload that has begun. */
interface Upload extends UploadOptions {
  readonly aws: Aws;
  readonly where: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
}

/** A part that has arrived. */
interface UploadedPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/**
 * Puts an object, in parts of which some are under way at a time. It is there whole or not at all; a
 * part that fails is sent again. At most 40 MiB are held.
 */
export async function upload(
  aws: Aws,
  content: ReadableStream<Uint8Array>,
  options: UploadOptions,
): Promise<void> {
  const { bucket: Bucket, key: Key, tags, signal } = options;
  const input = { Bucket, Key, Tagging: new URLSearchParams(tags).toString() };
  const { UploadId = "" } = await aws.call(
    "send the agent to S3",
    // Not aborted: what it has begun has to be known.
    () => aws.s3.send(new CreateMultipartUploadCommand(input)),
    { signal },
  );
  const begun: Upload = { ...options, aws, where: { Bucket, Key, UploadId } };
  try {
    signal.throwIfAborted();
    const done = { ...begun.where, MultipartUpload: { Parts: await sendParts(begun, content) } };
    await aws.call(
      "complete the agent in S3",
      (each) => aws.s3.send(new CompleteMultipartUploadCommand(done), each),
      { signal },
    );
  } catch (error) {
    await forget(begun);
    throw error;
  }
}

/** The first part that fails ends the others. */
async function sendParts(
  begun: Upload,
  content: ReadableStream<Uint8Array>,
): Promise<UploadedPart[]> {
  const failure = new AbortController();
  const upload = { ...begun, signal: AbortSignal.any([begun.signal, failure.signal]) };
  const inFlight = new Set<Promise<UploadedPart>>();
  const sent: Promise<UploadedPart>[] = [];
  let arrived = 0;
  try {
    for await (const bytes of inParts(content)) {
      const part = sendPart(upload, bytes, sent.length + 1);
      sent.push(part);
      inFlight.add(part);
      part.then(() => begun.onProgress(arrived += bytes.length), (error) => failure.abort(error))
        .finally(() => inFlight.delete(part));
      if (inFlight.size >= PARALLEL) await Promise.race(inFlight);
    }
    return await Promise.all(sent);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(sent);
    throw failure.signal.reason;
  }
}

async function sendPart(
  { aws, where, signal }: Upload,
  bytes: Uint8Array,
  PartNumber: number,
): Promise<UploadedPart> {
  const input = { ...where, PartNumber, Body: bytes };
  const { ETag } = await aws.call(
    "send a part of the agent to S3",
    (options) => aws.s3.send(new UploadPartCommand(input), options),
    { signal, deadline: PART_DEADLINE },
  );
  return { PartNumber, ETag };
}

/** Parts of an upload that is never completed cost something; the bucket forgets them after a day in any case. */
async function forget({ aws, where }: Upload): Promise<void> {
  const send = (options: { abortSignal: AbortSignal }) =>
    aws.s3.send(new AbortMultipartUploadCommand(where), options);
  await aws.call("forget an upload to S3", send, { deadline: 10_000 }).catch(() => {});
}

/** The content in parts of the same size, but for the last. */
async function* inParts(content: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let part = new Uint8Array(PART);
  let filled = 0;
  for await (let chunk of content) {
    while (chunk.length > 0) {
      const taken = chunk.subarray(0, PART - filled);
      part.set(taken, filled);
      filled += taken.length;
      chunk = chunk.subarray(taken.length);
      if (filled < PART) continue;
      yield part;
      part = new Uint8Array(PART);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
