import { Buffer } from "node:buffer";
import { AwsError } from "../protocol/aws_error.ts";

/** A body that came in chunks with headers after it. */
export interface ChunkedContent {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly trailers: Headers;
}

/** Whether a body is in the chunks of the SDK's own, within those of HTTP. */
export function isAwsChunked(headers: Headers): boolean {
  return headers.get("x-amz-content-sha256")?.startsWith("STREAMING-") ?? false;
}

/** Unpacks such a body. Signatures of chunks are not sent by clients that we have. */
export function decodeAwsChunked(encoded: Uint8Array<ArrayBuffer>): ChunkedContent {
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const chunks: Buffer[] = [];
  let at = 0;
  while (true) {
    const end = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, end), 16);
    if (end < 0 || Number.isNaN(size)) throw malformed();
    at = end + 2;
    if (size === 0) break;
    if (at + size + 2 > bytes.length) throw malformed();
    chunks.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
  const trailers = new Headers();
  for (const line of bytes.toString("latin1", at).split("\r\n")) {
    const [name, value] = line.split(":");
    if (name && value !== undefined) trailers.set(name, value.trim());
  }
  return { body: new Uint8Array(Buffer.concat(chunks)), trailers };
}

function malformed(): AwsError {
  return new AwsError("IncompleteBody", "The chunks of the body are not what their sizes say");
}
