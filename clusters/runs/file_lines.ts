import { messageOf } from "../../agent/host/described_error.ts";
import { joined } from "../../agent/host/joined.ts";
import { RecordError } from "./record_error.ts";

/** Bytes that are read at a time. */
const CHUNK = 64 * 1024;

/** A line of a file. */
export interface FileLine {
  /** Without the character that ends it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of the file before it. */
  readonly place: number;
  /** `false`: the file ends before its end. */
  readonly isWhole: boolean;
}

/**
 * The lines of a file that may still be written, from a place on; the last may lack its end.
 * The file is not open in between, for thousands may be read at the same time. There are none of a
 * file that is not there, and one that cannot be read is a `RecordError`; `isSame` may end them when it is
 * not the one that it was.
 */
export function* fileLines(
  path: string,
  { from = 0, isSame = () => true }: {
    from?: number;
    isSame?: (info: Deno.FileInfo) => boolean;
  } = {},
): Generator<FileLine, void, undefined> {
  let [rest, place] = [new Uint8Array(), from];
  for (;;) {
    const chunk = chunkAt(path, place + rest.length, isSame);
    if (!chunk) break;
    let bytes = rest.length === 0 ? chunk : joined([rest, chunk]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      yield { bytes: bytes.subarray(0, end), place, isWhole: true };
      place += end + 1;
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  if (rest.length > 0) yield { bytes: rest, place, isWhole: false };
}

const NEWLINE = "\n".charCodeAt(0);

function chunkAt(
  path: string,
  place: number,
  isSame: (info: Deno.FileInfo) => boolean,
): Uint8Array<ArrayBuffer> | undefined {
  try {
    using file = Deno.openSync(path);
    if (!isSame(file.statSync())) return undefined;
    file.seekSync(place, Deno.SeekMode.Start);
    const chunk = new Uint8Array(CHUNK);
    const size = file.readSync(chunk);
    return size === null ? undefined : chunk.subarray(0, size);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new RecordError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}
