/**
 * What stands before each message on a byte stream: a byte for its kind, and four for its length.
 *
 * @module
 */
import { MAX_PACKET } from "./protocol.ts";
import { MAX_REASON } from "./transport.ts";
import { ProtocolViolation } from "./violation.ts";

/** What a message is. */
export const MessageKind = { packet: 0, ping: 1, pong: 2, close: 3 } as const;

/** What a message is. */
export type MessageKind = typeof MessageKind[keyof typeof MessageKind];

/** Bytes of a prefix. */
export const PREFIX_SIZE = 5;

/** Bytes of the code in a close. */
const CODE_SIZE = 2;

/** The prefix of a message with so many bytes. */
export function encodePrefix(kind: MessageKind, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PREFIX_SIZE);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

/**
 * What a prefix says, where a packet may have at most `maxPacket` bytes.
 *
 * @throws {ProtocolViolation} if no message can begin like this.
 */
export function decodePrefix(
  bytes: Uint8Array,
  maxPacket: number = MAX_PACKET,
): { kind: MessageKind; length: number } {
  const kind = bytes[0]!;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  const { packet, close, pong } = MessageKind;
  if (kind > close) throw new ProtocolViolation(`unknown kind ${kind} of message`);
  const [least, most] = kind === packet
    ? [1, maxPacket]
    : kind <= pong
    ? [0, 0]
    : [CODE_SIZE, CODE_SIZE + MAX_REASON];
  if (length >= least && length <= most) return { kind: kind as MessageKind, length };
  throw new ProtocolViolation(
    kind === packet && length > maxPacket
      ? "oversized packet"
      : `message of kind ${kind} with ${length} bytes`,
  );
}

/** A message that ends the connection. */
export function encodeClose(code: number, reason: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(reason);
  const bytes = new Uint8Array(PREFIX_SIZE + CODE_SIZE + text.length);
  bytes.set(encodePrefix(MessageKind.close, CODE_SIZE + text.length));
  new DataView(bytes.buffer).setUint16(PREFIX_SIZE, code);
  bytes.set(text, PREFIX_SIZE + CODE_SIZE);
  return bytes;
}

/** What a close says. */
export function decodeClose(payload: Uint8Array): { code: number; reason: string } {
  const code = new DataView(payload.buffer, payload.byteOffset).getUint16(0);
  return { code, reason: new TextDecoder().decode(payload.subarray(CODE_SIZE)) };
}
