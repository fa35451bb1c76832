/** Reads user data as cloud-init does: as text, which may be compressed. */
export async function readUserData(bytes: Uint8Array): Promise<string> {
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const plain = isCompressed ? source.pipeThrough(new DecompressionStream("gzip")) : source;
  return await new Response(plain).text();
}
