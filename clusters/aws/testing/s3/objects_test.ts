import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY } from "../account.ts";
import { AwsServer } from "../aws_server.ts";
import { AwsClients } from "../clients.ts";
import { Bucket as StoredBucket } from "./bucket.ts";

const Bucket = "things";

/** A server with a bucket. */
async function open() {
  await using stack = new AsyncDisposableStack();
  const aws = stack.use(await AwsServer.start({ machines: "simulated" }));
  const { s3 } = stack.use(new AwsClients(aws));
  aws.buckets.set(Bucket, new StoredBucket(Bucket, REGION));
  const moved = stack.move();
  return { aws, s3, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** Bytes that are not all the same. */
function bytes(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, index) => index * 7919 % 251);
}

Deno.test("PutObject() keeps what was sent, and what was said of it", async () => {
  await using at = await open();
  const Key = "a folder/ä file+1.bin";
  const Body = bytes(100_000);
  await at.s3.send(new PutObjectCommand({ Bucket, Key, Body, Metadata: { colour: "blue" } }));
  const head = await at.s3.send(new HeadObjectCommand({ Bucket, Key }));
  deepStrictEqual([head.ContentLength, head.Metadata], [100_000, { colour: "blue" }]);
  const { Body: stream } = await at.s3.send(new GetObjectCommand({ Bucket, Key }));
  deepStrictEqual(await stream!.transformToByteArray(), Body);
  const part = await at.s3.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=99990-" }));
  deepStrictEqual(await part.Body!.transformToByteArray(), Body.slice(99_990));
  const missing = { Bucket, Key: "none" };
  await rejects(at.s3.send(new HeadObjectCommand(missing)), { name: "NotFound" });
  await rejects(at.s3.send(new GetObjectCommand(missing)), { name: "NoSuchKey" });
});

Deno.test("PutObject() refuses what is not what its checksum says", async () => {
  await using at = await open();
  const broken = { Bucket, Key: "k", Body: "text", ChecksumCRC32: "AAAAAA==" };
  await rejects(at.s3.send(new PutObjectCommand(broken)), { name: "BadDigest" });
  strictEqual(at.aws.buckets.get(Bucket)!.objects.size, 0);
});

Deno.test("ListObjectsV2() gives pages, and DeleteObjects() removes what they name", async () => {
  await using at = await open();
  const keys = ["a/1", "a/2", "a/3", "b/1"];
  for (const Key of keys) await at.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const list = (ContinuationToken?: string) =>
    at.s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: "a/", MaxKeys: 2, ContinuationToken }),
    );
  const first = await list();
  deepStrictEqual(first.Contents?.map(({ Key }) => Key), ["a/1", "a/2"]);
  const second = await list(first.NextContinuationToken);
  deepStrictEqual(second.Contents?.map(({ Key }) => Key), ["a/3"]);
  strictEqual(second.IsTruncated, false);
  const Objects = [...first.Contents!, ...second.Contents!].map(({ Key }) => ({ Key: Key! }));
  await at.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  deepStrictEqual([...at.aws.buckets.get(Bucket)!.objects.keys()], ["b/1"]);
});

Deno.test("an upload in parts becomes one object, or nothing", async () => {
  await using at = await open();
  const target = { Bucket, Key: "big" };
  const parts = [bytes(5 * 1024 * 1024), bytes(1000)];
  const { UploadId } = await at.s3.send(new CreateMultipartUploadCommand(target));
  const Parts = await Promise.all(parts.map(async (Body, index) => {
    const part = { ...target, UploadId, PartNumber: index + 1, Body };
    const { ETag } = await at.s3.send(new UploadPartCommand(part));
    return { PartNumber: index + 1, ETag };
  }));
  const complete = (MultipartUpload: { Parts: typeof Parts }) =>
    at.s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
  await rejects(complete({ Parts: Parts.toReversed() }), { name: "InvalidPartOrder" });
  await complete({ Parts });
  deepStrictEqual(at.aws.buckets.get(Bucket)!.objects.get("big")!.body.length, 5_243_880);

  const second = await at.s3.send(new CreateMultipartUploadCommand(target));
  const list = new ListMultipartUploadsCommand({ Bucket });
  strictEqual((await at.s3.send(list)).Uploads?.length, 1);
  const abort = { ...target, UploadId: second.UploadId };
  await at.s3.send(new AbortMultipartUploadCommand(abort));
  strictEqual((await at.s3.send(list)).Uploads, undefined);
  await rejects(at.s3.send(new AbortMultipartUploadCommand(abort)), { name: "NoSuchUpload" });
});

Deno.test("a signed address is good for its object and its time", async () => {
  await using at = await open();
  await at.s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "content" }));
  const get = new GetObjectCommand({ Bucket, Key: "k" });
  const address = await getSignedUrl(at.s3, get, { expiresIn: 60 });
  strictEqual(await (await fetch(address)).text(), "content");
  const signingDate = new Date(Date.now() - 61_000);
  const expired = await getSignedUrl(at.s3, get, { expiresIn: 60, signingDate });
  const answers = [await fetch(expired), await fetch(address.replace("/k?", "/other?"))];
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  deepStrictEqual(answers.map(({ status }) => status), [403, 403]);
  deepStrictEqual(texts.map((text) => /<Code>(.*)<\/Code>/.exec(text)?.[1]), [
    "AccessDenied",
    "SignatureDoesNotMatch",
  ]);
});

Deno.test("a bucket can be named by its host", async () => {
  await using at = await open();
  const { port } = new URL(at.aws.endpoint);
  const s3 = new S3Client({
    endpoint: `http://localhost:${port}`,
    region: REGION,
    credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY },
  });
  // Not every resolver knows names below "localhost"; that the server is asked by one is the point.
  s3.middlewareStack.add((next) => (args) => {
    const request = args.request as { hostname: string; headers: Record<string, string> };
    request.headers.host = `${request.hostname}:${port}`;
    request.hostname = "127.0.0.1";
    return next(args);
  }, { step: "finalizeRequest", priority: "low" });
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "content" }));
  s3.destroy();
  deepStrictEqual([...at.aws.buckets.get(Bucket)!.objects.keys()], ["k"]);
});
