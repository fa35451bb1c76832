import { valueKind } from "../options/mod.ts";

/** Throws unless these are bytes that can be written. */
export function checkChunk(data: unknown): void {
  if (data instanceof Uint8Array) return;
  throw new TypeError(`Cannot write ${valueKind(data)}: content is a Uint8Array`);
}

/** Throws unless bytes can be read into it. */
export function checkBuffer(buffer: unknown): void {
  if (buffer instanceof Uint8Array) return;
  throw new TypeError(`Cannot read into ${valueKind(buffer)}: a buffer is a Uint8Array`);
}
