/** What the bytes of a line say; `undefined` if they are no JSON: the line was cut, or damaged. */
export function jsonOf(bytes: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
