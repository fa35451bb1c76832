import type { HostFile } from "../../../agent/host/host.ts";
import { BLOCK, dataLength } from "./sparse_file.ts";

/** Bytes that are read at once: whole blocks. */
const CHUNK = 64 * BLOCK;

/**
 * Bytes of a file in which data are looked for, at its beginning and at its end, unless more are wanted:
 * 1 GiB. A sparse file may be as long as its owner likes.
 */
export const MAX_SEARCHED = 1024 ** 3;

/** A part of a file. */
export interface FilePart {
  /** Bytes of the file before it. */
  readonly start: number;
  /** Bytes of the file up to its end. */
  readonly end: number;
}

/** Where the last data of a file are looked for, and how much of them is wanted. */
export interface TailSearch extends FilePart {
  /** Bytes in blocks that are not all zeros. */
  readonly size: number;
  readonly signal: AbortSignal;
}

/** Finds the last data of a file, behind which there is nothing but zeros. */
export async function findTail(
  file: HostFile,
  { start, end, size, signal }: TailSearch,
): Promise<FilePart> {
  const limit = Math.max(start, end - Math.max(size, MAX_SEARCHED));
  let [left, tailEnd] = [size, 0];
  for await (const block of blocksBackwards(file, { start: limit, end, signal })) {
    const length = tailEnd > 0 ? block.bytes.length : dataLength(block.bytes);
    const blockEnd = block.start + length;
    if (dataLength(block.bytes) === 0) continue;
    tailEnd ||= blockEnd;
    if (length > left) return { start: blockEnd - left, end: tailEnd };
    left -= length;
  }
  return { start: limit, end: Math.max(limit, tailEnd) };
}

/** The blocks of a part of a file, from its end on. */
async function* blocksBackwards(
  file: HostFile,
  { start, end, signal }: FilePart & { readonly signal: AbortSignal },
): AsyncGenerator<{ readonly start: number; readonly bytes: Uint8Array }, void, undefined> {
  for (let chunkEnd = end; chunkEnd > start;) {
    signal.throwIfAborted();
    const chunkStart = Math.max(start, floorTo(CHUNK, chunkEnd - 1));
    const bytes = await readPart(file, { start: chunkStart, end: chunkEnd });
    for (let blockEnd = chunkStart + bytes.length; blockEnd > chunkStart;) {
      const blockStart = Math.max(chunkStart, floorTo(BLOCK, blockEnd - 1));
      yield {
        start: blockStart,
        bytes: bytes.subarray(blockStart - chunkStart, blockEnd - chunkStart),
      };
      blockEnd = blockStart;
    }
    chunkEnd = chunkStart;
  }
}

/** Fewer bytes if the file has become shorter meanwhile. */
async function readPart(file: HostFile, { start, end }: FilePart): Promise<Uint8Array> {
  await file.seek(start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(end - start);
  let length = 0;
  while (length < bytes.length) {
    const chunk = await file.read(bytes.length - length);
    if (chunk === null || chunk.length === 0) break;
    bytes.set(chunk.subarray(0, bytes.length - length), length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}

function floorTo(unit: number, place: number): number {
  return place - place % unit;
}
