/** What a tar archive says about a file, a folder or a link. */
export interface TarEntry {
  /** Relative; that of a folder ends with a slash. */
  readonly name: string;
  readonly type: "file" | "directory" | "symlink" | "link";
  /** Permission bits. */
  readonly mode: number;
  /** Bytes that follow the header. */
  readonly size: number;
  readonly mtime: Date;
  /** What a symbolic link points to; of a hard link, the name that the file has had before. */
  readonly linkname?: string | undefined;
  /** Whether a file has holes, for which there are zeros in the archive. @default false */
  readonly sparse?: boolean | undefined;
}

/** The pax record of a sparse file. Other readers of archives pass over it. */
export const SPARSE_RECORD = "CLUSTERTEST.sparse";

/** Bytes of a tar block: headers and contents are padded to it. */
export const TAR_BLOCK = 512;

const TYPE_FLAGS = { file: "0", link: "1", symlink: "2", directory: "5", pax: "x" };
const LARGEST_OCTAL = 8 ** 11 - 1;
const NAME_LENGTH = 100;
const encoder = new TextEncoder();

/**
 * The header of an entry: one block of ustar, preceded by a pax header for what does not fit there
 * (long names, names that are not ASCII, sizes from 8 GiB, parts of seconds).
 *
 * `tar-stream` reads archives here, but does not write them: it is pushed, while a stream is pulled,
 * and it takes a mode of 0 for none.
 */
export function tarHeader(entry: TarEntry): Uint8Array<ArrayBuffer> {
  const records = paxRecords(entry);
  if (records.length === 0) return ustarHeader(entry, TYPE_FLAGS[entry.type]);
  const pax = { ...entry, name: "PaxHeader", linkname: undefined, size: records.length };
  const header = new Uint8Array(TAR_BLOCK + padded(records.length) + TAR_BLOCK);
  header.set(ustarHeader(pax, TYPE_FLAGS.pax));
  header.set(records, TAR_BLOCK);
  header.set(ustarHeader(entry, TYPE_FLAGS[entry.type]), header.length - TAR_BLOCK);
  return header;
}

/** `size` rounded up to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

function paxRecords({ name, linkname = "", size, mtime, sparse }: TarEntry): Uint8Array {
  const records: string[] = [];
  if (!fits(name)) records.push(paxRecord("path", name));
  if (!fits(linkname)) records.push(paxRecord("linkpath", linkname));
  if (size > LARGEST_OCTAL) records.push(paxRecord("size", String(size)));
  const seconds = mtime.getTime() / 1000;
  if (seconds < 0 || !Number.isInteger(seconds)) records.push(paxRecord("mtime", String(seconds)));
  if (sparse) records.push(paxRecord(SPARSE_RECORD, "1"));
  return encoder.encode(records.join(""));
}

/** A record begins with its own length in bytes, the digits of that length included. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = encoder.encode(rest).length;
  let length = bytes;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

/** Whether a name is ASCII and short enough for a ustar header, without splitting it. */
function fits(name: string): boolean {
  return name.length <= NAME_LENGTH && encoder.encode(name).length === name.length;
}

function ustarHeader(entry: TarEntry, typeFlag: string): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(TAR_BLOCK);
  const seconds = Math.max(0, Math.floor(entry.mtime.getTime() / 1000));
  put(header, 0, entry.name, NAME_LENGTH);
  put(header, 100, octal(entry.mode, 7), 8);
  put(header, 108, octal(0, 7), 8);
  put(header, 116, octal(0, 7), 8);
  put(header, 124, octal(entry.size > LARGEST_OCTAL ? 0 : entry.size, 11), 12);
  put(header, 136, octal(seconds, 11), 12);
  put(header, 148, " ".repeat(8), 8);
  put(header, 156, typeFlag, 1);
  put(header, 157, entry.linkname ?? "", NAME_LENGTH);
  put(header, 257, "ustar\x0000", 8);
  let checksum = 0;
  for (const byte of header) checksum += byte;
  put(header, 148, `${octal(checksum, 6)}\0 `, 8);
  return header;
}

function put(header: Uint8Array, offset: number, text: string, length: number): void {
  header.set(encoder.encode(text).subarray(0, length), offset);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
