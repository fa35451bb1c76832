import type { FeedItem, OutputRecord } from "../host/host.ts";
import { joined } from "../host/joined.ts";
import { ProtocolViolation } from "./violation.ts";

/** Bytes before the content: kind, whether it is the last, channel, bytes left out, length. */
const HEADER_SIZE = 18;

/** Bytes of content that a record may have. */
const MAX_CONTENT = 1024 * 1024;

const KINDS = ["flushed", "stdout", "stderr"] as const;

/** Writes what a feed brings as the stream of `follow` carries it. */
export function encodeFeedItem(item: FeedItem): Uint8Array<ArrayBuffer> {
  const { output: kind, last, key, missing, bytes } = item === "flushed" ? FLUSHED : item;
  const encoded = new Uint8Array(HEADER_SIZE + bytes.length);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, KINDS.indexOf(kind));
  view.setUint8(1, last ? 1 : 0);
  view.setUint32(2, key);
  view.setBigUint64(6, BigInt(missing));
  view.setUint32(14, bytes.length);
  encoded.set(bytes, HEADER_SIZE);
  return encoded;
}

const FLUSHED = {
  output: "flushed",
  key: 0,
  missing: 0,
  bytes: new Uint8Array(),
  last: false,
} as const;

/** Reads what the stream of `follow` carries, however it is cut into chunks. */
export class FeedDecoder {
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** What is complete with this chunk. @throws {ProtocolViolation} */
  decode(chunk: Uint8Array<ArrayBuffer>): FeedItem[] {
    const bytes = this.#rest.length === 0 ? chunk : joined([this.#rest, chunk]);
    const items: FeedItem[] = [];
    let offset = 0;
    while (bytes.length - offset >= HEADER_SIZE) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + offset, HEADER_SIZE);
      const length = view.getUint32(14);
      if (length > MAX_CONTENT) throw new ProtocolViolation(`a record of ${length} bytes`);
      const end = offset + HEADER_SIZE + length;
      if (bytes.length < end) break;
      items.push(itemOf(view, bytes.slice(offset + HEADER_SIZE, end)));
      offset = end;
    }
    this.#rest = bytes.slice(offset);
    return items;
  }
}

function itemOf(view: DataView, bytes: Uint8Array<ArrayBuffer>): FeedItem {
  const kind = KINDS[view.getUint8(0)];
  if (kind === undefined) throw new ProtocolViolation(`a record of kind ${view.getUint8(0)}`);
  if (kind === "flushed") return kind;
  const missing = Number(view.getBigUint64(6));
  if (!Number.isSafeInteger(missing)) throw new ProtocolViolation("a record after too many bytes");
  const record: OutputRecord = {
    output: kind,
    last: view.getUint8(1) === 1,
    key: view.getUint32(2),
    missing,
    bytes,
  };
  return record;
}
