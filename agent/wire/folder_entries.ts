/**
 * The entries of a folder, as they cross the wire: each is a letter for what it is, its name, and a
 * NUL, which no name can contain.
 *
 * @module
 */
import { MAX_PATH } from "./protocol.ts";
import { ProtocolViolation } from "./violation.ts";

/** Characters after which a chunk is complete. */
const CHUNK = 32 * 1024;

const END = "\0";

const encoder = new TextEncoder();

/** Encodes entries a chunk at a time, as the reader asks for them. */
export function encodeEntries(
  entries: readonly Deno.DirEntry[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      let text = "";
      while (text.length < CHUNK && next < entries.length) text += encodeEntry(entries[next++]!);
      if (text === "") controller.close();
      else controller.enqueue(encoder.encode(text));
    },
  }, { highWaterMark: 0 });
}

/**
 * Reads entries to the end of the stream.
 *
 * @throws {ProtocolViolation} if the stream brings something else.
 */
export async function decodeEntries(
  source: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Deno.DirEntry[]> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const entries: Deno.DirEntry[] = [];
  let rest = "";
  for await (const chunk of source) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(END);
    rest = parts.pop() ?? "";
    if (rest.length > MAX_PATH) throw new ProtocolViolation("a folder's entry is too long");
    for (const part of parts) entries.push(decodeEntry(part));
  }
  if (rest !== "") throw new ProtocolViolation("a folder's last entry is incomplete");
  return entries;
}

function encodeEntry({ name, isFile, isDirectory, isSymlink }: Deno.DirEntry): string {
  const kind = isFile ? "f" : isDirectory ? "d" : isSymlink ? "l" : "o";
  return `${kind}${name}${END}`;
}

function decodeEntry(text: string): Deno.DirEntry {
  const [kind = "", name] = [text[0], text.slice(1)];
  if (!"fdlo".includes(kind) || name === "") throw new ProtocolViolation("no entry of a folder");
  return { name, isFile: kind === "f", isDirectory: kind === "d", isSymlink: kind === "l" };
}
