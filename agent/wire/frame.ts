import { FRAME_HEADER_SIZE, MAX_DATA, MAX_PACKET } from "./protocol.ts";
import { ProtocolViolation } from "./violation.ts";

/** The types of frames, by name. `agent/PROTOCOL.md` says what each is for. */
export const FrameType = {
  hello: 1,
  welcome: 2,
  ack: 3,
  open: 16,
  data: 17,
  credit: 18,
  end: 19,
  reset: 20,
  message: 21,
  close: 22,
} as const;

/** The type of a frame. */
export type FrameType = typeof FrameType[keyof typeof FrameType];

/** The unit of the protocol. */
export interface Frame {
  readonly type: FrameType;
  /** The number of the stream that the frame concerns; 0 for a frame that concerns none. */
  readonly stream: number;
  /** The id of the channel that the frame concerns; 0 for a frame that concerns none. */
  readonly channel: number;
  /** A view of the packet that the frame came in. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Bytes of the largest payload other than DATA. */
export const MAX_PAYLOAD: number = MAX_PACKET - FRAME_HEADER_SIZE;

const EMPTY = new Uint8Array(0);
const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(FrameType));
const HIGHEST_STREAM = 2;

/**
 * The frames of a packet, checked as far as a frame by itself can be.
 *
 * @throws {ProtocolViolation} if the packet is not made of whole, well-formed frames.
 */
export function decodePacket(packet: Uint8Array<ArrayBuffer>): Frame[] {
  if (packet.length === 0) throw new ProtocolViolation("empty packet");
  if (packet.length > MAX_PACKET) throw new ProtocolViolation("oversized packet");
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const frames: Frame[] = [];
  for (let offset = 0; offset < packet.length;) {
    const frame = decodeFrame(packet, view, offset);
    frames.push(frame);
    offset += FRAME_HEADER_SIZE + frame.payload.length;
  }
  return frames;
}

function decodeFrame(packet: Uint8Array<ArrayBuffer>, view: DataView, offset: number): Frame {
  const start = offset + FRAME_HEADER_SIZE;
  if (start > packet.length) throw new ProtocolViolation("truncated frame header");
  const type = view.getUint8(offset);
  const stream = view.getUint8(offset + 1);
  const channel = view.getUint32(offset + 2);
  const end = start + view.getUint32(offset + 6);
  if (end > packet.length) throw new ProtocolViolation("truncated frame");
  if (!isFrameType(type)) throw new ProtocolViolation(`unknown frame type ${type}`);
  const frame = { type, stream, channel, payload: packet.subarray(start, end) };
  checkFrame(frame);
  return frame;
}

function isFrameType(type: number): type is FrameType {
  return KNOWN_TYPES.has(type);
}

/** Whether the stream, the channel and the payload's length are such as the type may have. */
function checkFrame({ type, stream, channel, payload }: Frame): void {
  const ofConnection = type <= FrameType.ack;
  if (ofConnection !== (channel === 0)) throw new ProtocolViolation(`channel ${channel} misplaced`);
  const ofStream = type >= FrameType.data && type <= FrameType.reset;
  if (stream > (ofStream ? HIGHEST_STREAM : 0)) {
    throw new ProtocolViolation(`no stream ${stream} in frames of type ${type}`);
  }
  const length = payload.length;
  const right = type === FrameType.data
    ? length >= 1 && length <= MAX_DATA
    : type === FrameType.end
    ? length === 0
    : type === FrameType.credit || type === FrameType.ack
    ? length === 8
    : true;
  if (!right) throw new ProtocolViolation(`frame of type ${type} with ${length} bytes`);
}

/** Writes a frame's header at `offset`; the payload of `length` bytes follows it. */
export function encodeHeader(
  target: Uint8Array,
  offset: number,
  frame: Omit<Frame, "payload"> & { readonly length: number },
): void {
  const view = new DataView(target.buffer, target.byteOffset + offset, FRAME_HEADER_SIZE);
  view.setUint8(0, frame.type);
  view.setUint8(1, frame.stream);
  view.setUint32(2, frame.channel);
  view.setUint32(6, frame.length);
}

/** A packet of this one frame. */
export function encodePacket(frame: Frame): Uint8Array<ArrayBuffer> {
  const { type, stream, channel, payload } = frame;
  const packet = new Uint8Array(FRAME_HEADER_SIZE + payload.length);
  encodeHeader(packet, 0, { type, stream, channel, length: payload.length });
  packet.set(payload, FRAME_HEADER_SIZE);
  return packet;
}

/** The payload of CREDIT and ACK. */
export function encodeCount(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count));
  return bytes;
}

/** @throws {ProtocolViolation} if the number cannot be one of bytes or packets. */
export function decodeCount({ payload }: Frame): number {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const count = Number(view.getBigUint64(0));
  if (!Number.isSafeInteger(count)) throw new ProtocolViolation("number beyond 2^53");
  return count;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The payload of a frame that carries JSON; none for `undefined`.
 *
 * @throws {RangeError} if it is too large to be sent.
 */
export function encodeJson(value: unknown): Uint8Array<ArrayBuffer> {
  if (value === undefined) return EMPTY;
  const bytes = encoder.encode(JSON.stringify(value));
  if (bytes.length > MAX_PAYLOAD) {
    throw new RangeError(
      `Cannot send ${bytes.length} bytes in one message: the limit is ${MAX_PAYLOAD}`,
    );
  }
  return bytes;
}

/**
 * What a frame says in JSON; `undefined` if its payload is empty.
 *
 * @throws {ProtocolViolation} if it is not JSON.
 */
export function decodeJson({ type, payload }: Frame): unknown {
  if (payload.length === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(payload));
  } catch {
    throw new ProtocolViolation(`frame of type ${type} is not JSON`);
  }
}
