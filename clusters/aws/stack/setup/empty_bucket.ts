import { DeleteObjectsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { Aws } from "../../aws.ts";

/** Removes everything from a bucket, a page of a thousand objects at a time. */
export async function emptyBucket(
  aws: Aws,
  { bucket, signal }: { bucket: string; signal: AbortSignal | undefined },
): Promise<void> {
  const what = `empty the bucket "${bucket}"`;
  while (true) {
    const list = new ListObjectsV2Command({ Bucket: bucket });
    const { Contents = [] } = await aws.call(
      what,
      (options) => aws.s3.send(list, options),
      { signal },
    );
    if (Contents.length === 0) return;
    const remove = new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: Contents.map(({ Key }) => ({ Key: Key! })), Quiet: true },
    });
    const { Errors = [] } = await aws.call(
      what,
      (options) => aws.s3.send(remove, options),
      { signal },
    );
    const [first] = Errors;
    if (first) throw new Error(`Cannot ${what}: object "${first.Key}": ${first.Message}`);
  }
}
