/** Bytes of the head of a message: `nlmsghdr`. */
export const HEADER_SIZE = 16;

/** Everything begins at a multiple of so many bytes; the head of an attribute has as many. */
const ALIGNMENT = 4;

/** A bit of an attribute's type that says that it consists of attributes. */
const NESTED = 0x8000;

/** The bits of an attribute's type that are its number. */
const TYPE_MASK = 0x3fff;

type Bytes = Uint8Array<ArrayBuffer>;

/** An attribute: its type, and what it has. */
export function attribute(type: number, content: Uint8Array): Bytes {
  const length = ALIGNMENT + content.length;
  const bytes = new Uint8Array(aligned(length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length, true);
  view.setUint16(2, type, true);
  bytes.set(content, ALIGNMENT);
  return bytes;
}

/** An attribute of attributes. */
export function nested(type: number, ...attributes: readonly Uint8Array[]): Bytes {
  return attribute(type | NESTED, joined(attributes));
}

/** A text, with a NUL behind it. */
export function textAttribute(type: number, text: string): Bytes {
  return attribute(type, new TextEncoder().encode(`${text}\0`));
}

/** A number of 32 bits, in the byte order of the network, as all numbers of nftables are. */
export function numberAttribute(type: number, value: number): Bytes {
  const content = new Uint8Array(4);
  new DataView(content.buffer).setInt32(0, value);
  return attribute(type, content);
}

/** The same with 64 bits. */
export function bigAttribute(type: number, value: bigint): Bytes {
  const content = new Uint8Array(8);
  new DataView(content.buffer).setBigUint64(0, value);
  return attribute(type, content);
}

/** A message of netlink. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

/** The message as it is sent. An answer has the same `sequence`. */
export function encodeMessage({ type, flags, body }: NetlinkMessage, sequence: number): Bytes {
  const bytes = new Uint8Array(aligned(HEADER_SIZE + body.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, HEADER_SIZE + body.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  bytes.set(body, HEADER_SIZE);
  return bytes;
}

/** A message that came, and the sequence of what it answers. */
export interface ReceivedMessage extends NetlinkMessage {
  readonly sequence: number;
}

/** The messages of what was received by one call. */
export function* decodeMessages(bytes: Uint8Array): Generator<ReceivedMessage, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + HEADER_SIZE <= bytes.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER_SIZE || at + length > bytes.length) return;
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      body: bytes.subarray(at + HEADER_SIZE, at + length),
    };
    at += aligned(length);
  }
}

/** Attributes by their types, of which none is there twice. */
export function decodeAttributes(bytes: Uint8Array): Map<number, Uint8Array> {
  return new Map(eachAttribute(bytes));
}

/** What the attributes of a list have, all of which have the same type. */
export function decodeList(bytes: Uint8Array): Uint8Array[] {
  return Array.from(eachAttribute(bytes), ([, content]) => content);
}

function* eachAttribute(bytes: Uint8Array): Generator<[number, Uint8Array], void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + ALIGNMENT <= bytes.length;) {
    const length = view.getUint16(at, true);
    if (length < ALIGNMENT || at + length > bytes.length) return;
    const type = view.getUint16(at + 2, true) & TYPE_MASK;
    yield [type, bytes.subarray(at + ALIGNMENT, at + length)];
    at += aligned(length);
  }
}

/** The parts, one behind the other. */
export function joined(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
