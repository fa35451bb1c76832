import { createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA-256 of some strings, as JSON keeps them apart, in lower-case hexadecimal. */
export function keyedDigest(key: string, parts: readonly string[]): string {
  return createHmac("sha256", key).update(JSON.stringify(parts)).digest("hex");
}

/** Whether two digests are the same, found out in a time that does not tell where they differ. */
export function sameDigest(one: string, other: string): boolean {
  const [a, b] = [one, other].map((digest) => new TextEncoder().encode(digest)) as [
    Uint8Array,
    Uint8Array,
  ];
  return a.length === b.length && timingSafeEqual(a, b);
}
