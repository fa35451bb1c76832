import { join } from "node:path";
import { padded, TAR_BLOCK, tarHeader } from "../host/tar_header.ts";
import type { AgentPack } from "./agent_pack.ts";
import { MANIFEST_NAME } from "./pack_manifest.ts";

/** How an archive is made. */
export interface PackArchiveOptions {
  /** Compress it. @default false */
  readonly gzip?: boolean | undefined;
  /** The folder in which it has the pack, without a slash at its ends. @default none */
  readonly folder?: string | undefined;
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
  { gzip = false, folder }: PackArchiveOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const archive = ReadableStream.from(archiveChunks(pack, folder));
  return gzip ? archive.pipeThrough(new CompressionStream("gzip")) : archive;
}

/** Bytes that are read at a time. */
const CHUNK = 512 * 1024;

/** What all entries have alike, so that the same pack gives the same bytes. */
const MTIME = new Date(0);

async function* archiveChunks(
  pack: AgentPack,
  folder: string | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const within = (path: string) => folder === undefined ? path : `${folder}/${path}`;
  for (const path of [...ancestorsOf(folder), ...[...foldersOf(pack)].map(within)]) {
    yield tarHeader({ name: `${path}/`, type: "directory", mode: 0o755, size: 0, mtime: MTIME });
  }
  const { size } = await Deno.stat(join(pack.dir, MANIFEST_NAME));
  const manifest = { path: MANIFEST_NAME, mode: 0o644, size };
  for (const { path, mode, size } of [...pack.files, manifest]) {
    yield tarHeader({ name: within(path), type: "file", mode, size, mtime: MTIME });
    using file = await Deno.open(join(pack.dir, path));
    yield* chunksOf(file);
    yield new Uint8Array(padded(size) - size);
  }
  yield new Uint8Array(2 * TAR_BLOCK);
}

/** In larger pieces than a stream of the file has, which take less than half of the time. */
async function* chunksOf(file: Deno.FsFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    const length = await file.read(chunk);
    if (length === null) return;
    yield chunk.subarray(0, length);
  }
}

/** The folder itself and all that it is in, the outermost first. */
function ancestorsOf(folder: string | undefined): string[] {
  const parts = folder?.split("/") ?? [];
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function foldersOf({ files }: AgentPack): Set<string> {
  const folders = files.map(({ path }) => path.split("/").slice(0, -1).join("/"));
  return new Set(folders.filter((path) => path !== ""));
}
