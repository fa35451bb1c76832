/** HMAC with this digest. */
const HMAC_SHA_256 = { name: "HMAC", hash: "SHA-256" };

/**
 * HMAC-SHA-256 of some strings, which are encoded as JSON to keep them apart, in lower-case hexadecimal.
 * It does without `node:crypto`, which takes 12 ms to load and of which an agent on a socket needs nothing
 * else.
 */
export async function keyedDigest(key: string, parts: readonly string[]): Promise<string> {
  const imported = await crypto.subtle.importKey("raw", encoded(key), HMAC_SHA_256, false, [
    "sign",
  ]);
  const digest = await crypto.subtle.sign("HMAC", imported, encoded(JSON.stringify(parts)));
  return new Uint8Array(digest).toHex();
}

/** Compares two digests in constant time. */
export function sameDigest(one: string, other: string): boolean {
  const [a, b] = [encoded(one), encoded(other)];
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ b[index]!;
  return difference === 0;
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
