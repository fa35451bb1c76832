import { encodeHeader, type Frame } from "./frame.ts";
import { FRAME_HEADER_SIZE, PACKET_SIZE } from "./protocol.ts";

/** Packets that are at most this part of a buffer are copied out of it, so that it can be used again. */
const SMALL = PACKET_SIZE / 2;

/** Buffers that are kept for later packets. */
const MAX_SPARE = 8;

/**
 * Puts frames together to a packet. It owns its bytes: what was written can be changed by its owner as
 * soon as it was written. Buffers go round, for fresh ones cost as much as the encryption.
 */
export class PacketWriter {
  #spare: Uint8Array<ArrayBuffer>[] = [];
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(PACKET_SIZE);
  #length = 0;

  /** Bytes that the packet has by now. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of payload that one more frame could have; negative if there is no room for any. */
  get room(): number {
    return PACKET_SIZE - this.#length - FRAME_HEADER_SIZE;
  }

  /** Adds a frame whose payload must fit into {@linkcode room}. */
  write(frame: Omit<Frame, "payload"> & { readonly payload: Uint8Array }): void {
    const { type, stream, channel, payload } = frame;
    encodeHeader(this.#buffer, this.#length, { type, stream, channel, length: payload.length });
    this.#buffer.set(payload, this.#length + FRAME_HEADER_SIZE);
    this.#length += FRAME_HEADER_SIZE + payload.length;
  }

  /** The packet, which is the caller's until it is given to {@linkcode recycle}. */
  take(): Uint8Array<ArrayBuffer> {
    const length = this.#length;
    this.#length = 0;
    if (length <= SMALL) return this.#buffer.slice(0, length);
    const packet = this.#buffer.subarray(0, length);
    this.#buffer = this.#spare.pop() ?? new Uint8Array(PACKET_SIZE);
    return packet;
  }

  /** Gives back a packet that nobody will look at again. */
  recycle(packet: Uint8Array<ArrayBuffer>): void {
    const whole = packet.buffer.byteLength === PACKET_SIZE;
    if (whole && this.#spare.length < MAX_SPARE) this.#spare.push(new Uint8Array(packet.buffer));
  }

  /** Lets go of buffers that are only kept for speed. */
  trim(): void {
    this.#spare.length = 0;
  }
}
