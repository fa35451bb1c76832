/** Writes all of a text or of bytes: a pipe may take a part at a time. */
export function writeText(
  output: Pick<typeof Deno.stdout, "writeSync">,
  content: string | Uint8Array,
): void {
  let rest = typeof content === "string" ? new TextEncoder().encode(content) : content;
  while (rest.length > 0) rest = rest.subarray(output.writeSync(rest));
}
