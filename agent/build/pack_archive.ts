import { join } from "node:path";
import type { AgentPack } from "./agent_pack.ts";
import { MANIFEST_NAME } from "./pack_manifest.ts";

/** How an archive is made. */
export interface PackArchiveOptions {
  /** Compress it. @default false */
  readonly gzip?: boolean | undefined;
}

/**
 * The pack as a tar archive, names relative to its folder, read from the disk as the reader pulls.
 * The same pack gives the same bytes: files are sorted, owned by root, and have no time. The
 * manifest is last, so where it has arrived, everything has.
 *
 * Cancelling closes the file that is being read.
 */
export function packArchive(
  pack: AgentPack,
  { gzip = false }: PackArchiveOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const archive = ReadableStream.from(archiveChunks(pack));
  return gzip ? archive.pipeThrough(new CompressionStream("gzip")) : archive;
}

/** One entry of a tar archive. */
interface TarEntry {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
}

/** Bytes of a block: headers are one, contents are filled up to whole ones. */
const BLOCK = 512;

async function* archiveChunks(pack: AgentPack): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const path of foldersOf(pack)) yield tarHeader({ path: `${path}/`, mode: 0o755, size: 0 });
  const { size } = await Deno.stat(join(pack.dir, MANIFEST_NAME));
  for (const entry of [...pack.files, { path: MANIFEST_NAME, mode: 0o644, size }]) {
    yield tarHeader(entry);
    using file = await Deno.open(join(pack.dir, entry.path));
    yield* file.readable;
    yield new Uint8Array(-entry.size & (BLOCK - 1));
  }
  yield new Uint8Array(2 * BLOCK);
}

function foldersOf({ files }: AgentPack): Set<string> {
  const folders = files.map(({ path }) => path.split("/").slice(0, -1).join("/"));
  return new Set(folders.filter((path) => path !== ""));
}

/** A header in the ustar format. Packs have short names, and no file of 8 GiB. */
function tarHeader({ path, mode, size }: TarEntry): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void =>
    void new TextEncoder().encodeInto(text, header.subarray(at));
  const octal = (value: number, digits: number): string =>
    value.toString(8).padStart(digits, "0") + "\0";
  put(0, path);
  put(100, octal(mode, 7) + octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(0, 11));
  put(148, " ".repeat(8));
  put(156, path.endsWith("/") ? "5" : "0");
  put(257, "ustar\x0000");
  put(148, octal(header.reduce((sum, byte) => sum + byte, 0), 6));
  return header;
}
