import { basename } from "node:path";
// @ts-types="@types/tar-stream"
import tar from "tar-stream";
// A CommonJS module: its names can be reached through the default import only.
import xz from "xz-decompress";

/**
 * Reads the shared libraries of a Debian package: their contents by base name, wherever in the
 * package they are. A symbolic link stands for the library that it points to.
 *
 * Throws when the bytes are no Debian package.
 */
export async function readDebianLibraries(
  archive: Uint8Array<ArrayBuffer>,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const libraries = new Map<string, Uint8Array<ArrayBuffer>>();
  const links: [name: string, target: string][] = [];
  const extract = tar.extract();
  extract.end(await dataArchive(archive));
  for await (const entry of extract) {
    const { name, type, linkname } = entry.header;
    const content = await bytesOf(entry);
    if (type === "symlink" && linkname) links.push([basename(name), basename(linkname)]);
    if (type === "file" && name.includes(".so")) libraries.set(basename(name), content);
  }
  for (const [name, target] of links) {
    const content = libraries.get(target);
    if (content !== undefined && !libraries.has(name)) libraries.set(name, content);
  }
  return libraries;
}

/** The tar archive of what the package installs, decompressed. */
async function dataArchive(archive: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  for (const { name, content } of readArMembers(archive)) {
    if (!name.startsWith("data.tar")) continue;
    const compressed = new Blob([content]).stream();
    if (name === "data.tar.xz") return await bytesOf(new xz.XzReadableStream(compressed));
    if (name === "data.tar.gz") {
      return await bytesOf(compressed.pipeThrough(new DecompressionStream("gzip")));
    }
    throw new Error(`Cannot read the Debian package: "${name}" is neither .xz nor .gz`);
  }
  throw new Error("Cannot read the Debian package: it has no data archive");
}

function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  return new Response(ReadableStream.from(chunks)).bytes();
}

/** Bytes of the header of each member in an `ar` archive. */
const AR_HEADER_SIZE = 60;

function* readArMembers(
  archive: Uint8Array<ArrayBuffer>,
): Generator<{ name: string; content: Uint8Array<ArrayBuffer> }> {
  const text = (from: number, to: number): string =>
    new TextDecoder("latin1").decode(archive.subarray(from, to));
  if (text(0, 8) !== "!<arch>\n") throw new Error("Cannot read the Debian package: not an archive");
  for (let at = 8; at + AR_HEADER_SIZE <= archive.length;) {
    const size = Number(text(at + 48, at + 58));
    const start = at + AR_HEADER_SIZE;
    const name = text(at, at + 16).trim().replace(/\/$/, "");
    yield { name, content: archive.subarray(start, start + size) };
    at = start + size + size % 2;
  }
}
