/** HMAC with this digest. */
const HMAC_SHA_256 = { name: "HMAC", hash: "SHA-256" };

/**
 * HMAC-SHA-256 of some strings, as JSON keeps them apart, in lower-case hexadecimal. Not by
 * `node:crypto`, which takes 12 ms to load: an agent that calls needs nothing else of it.
 */
export async function keyedDigest(key: string, parts: readonly string[]): Promise<string> {
  const imported = await crypto.subtle.importKey("raw", encoded(key), HMAC_SHA_256, false, [
    "sign",
  ]);
  const digest = await crypto.subtle.sign("HMAC", imported, encoded(JSON.stringify(parts)));
  return new Uint8Array(digest).toHex();
}

/** Whether two digests are the same, found out in a time that does not tell where they differ. */
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
