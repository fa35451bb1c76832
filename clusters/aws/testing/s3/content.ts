import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { crc32 } from "./crc32.ts";
import { AwsError, notImplemented } from "../protocol/aws_error.ts";

/** What S3 names a content by: its MD5 in quotes. */
export function etagOf(body: Uint8Array): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}

/** That of an object in parts: of the digests, with their number. */
export function etagOfParts(etags: readonly string[]): string {
  const digests = etags.map((etag) => Buffer.from(etag.replaceAll('"', ""), "hex"));
  const digest = createHash("md5").update(Buffer.concat(digests)).digest("hex");
  return `"${digest}-${etags.length}"`;
}

/** The checksums that clients may send of a body, by the end of the header's name. */
const CHECKSUMS: Readonly<Record<string, (body: Uint8Array) => string>> = {
  crc32: (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString("base64");
  },
  sha1: (body) => createHash("sha1").update(body).digest("base64"),
  sha256: (body) => createHash("sha256").update(body).digest("base64"),
};

/** Throws unless a body is what its checksums say. */
export function checkContent(headers: Headers, body: Uint8Array): void {
  for (const [name, value] of headers) {
    const [, kind] = /^x-amz-checksum-(crc\w+|sha\w+|xxhash\w+)$/.exec(name) ?? [];
    if (kind === undefined) continue;
    const checksum = CHECKSUMS[kind];
    if (checksum === undefined) throw notImplemented(`checksums by ${kind}`);
    if (checksum(body) !== value) {
      throw new AwsError("BadDigest", `The ${kind} you specified did not match what we received`);
    }
  }
}
