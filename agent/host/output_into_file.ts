import { writeTo } from "./file_access.ts";

/** Bytes that are moved at a time. */
const CHUNK_SIZE = 64 * 1024;

/** An output of a process that goes into a file. */
export interface FileOutput {
  /** Resolves when the pipe is closed; rejects when the file could not take what came. */
  readonly ended: Promise<void>;
  /** Closes the pipe, even if processes still hold its other end. */
  close(): Promise<void>;
}

/**
 * Moves what a process writes into a file. When the file cannot take it, the pipe is closed: the
 * process gets the error from its next write, as it would from the file itself.
 */
export function outputIntoFile(
  pipe: ReadableStream<Uint8Array<ArrayBuffer>>,
  path: string,
  file: Deno.FsFile,
): FileOutput {
  const reader = pipe.getReader({ mode: "byob" });
  const ended = move(reader, path, file);
  ended.catch(() => {});
  return { ended, close: () => reader.cancel().catch(() => {}) };
}

async function move(
  reader: ReadableStreamBYOBReader,
  path: string,
  file: Deno.FsFile,
): Promise<void> {
  let buffer = new Uint8Array(CHUNK_SIZE);
  try {
    for (;;) {
      const { value } = await reader.read(buffer);
      if (!value?.length) return;
      await writeTo(file, value, path);
      buffer = new Uint8Array(value.buffer);
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error;
  }
}
