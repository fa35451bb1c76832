import { describedError, messageOf } from "./described_error.ts";

/** Reads into `buffer`; resolves to the number of bytes, or to `null` at the end. Errors name the file. */
export async function readFrom(
  file: Deno.FsFile,
  buffer: Uint8Array,
  path: string,
): Promise<number | null> {
  try {
    return await file.read(buffer);
  } catch (error) {
    throw describedError(error, `${messageOf(error)}: read '${path}'`);
  }
}

/** Writes all of `data`. Errors name the file. */
export async function writeTo(file: Deno.FsFile, data: Uint8Array, path: string): Promise<void> {
  try {
    for (let done = 0; done < data.length;) {
      done += await file.write(done === 0 ? data : data.subarray(done));
    }
  } catch (error) {
    throw describedError(error, `${messageOf(error)}: write '${path}'`);
  }
}

/**
 * Bytes up to which files are read and written synchronously: waking another thread for them would take
 * longer.
 */
export const SMALL_FILE: number = 64 * 1024;

/** As {@linkcode writeTo}, but synchronous: for small files only. */
export function writeToNow(file: Deno.FsFile, data: Uint8Array, path: string): void {
  try {
    for (let done = 0; done < data.length;) done += file.writeSync(data.subarray(done));
  } catch (error) {
    throw describedError(error, `${messageOf(error)}: write '${path}'`);
  }
}
