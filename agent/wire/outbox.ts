import { encodePacket, type Frame } from "./frame.ts";
import type { PacketWriter } from "./packet_writer.ts";
import { FRAME_HEADER_SIZE, PACKET_SIZE, TURN } from "./protocol.ts";

/** A stream that has something to send. */
export interface Source {
  /**
   * Writes frames for at most `limit` bytes of payload.
   *
   * @returns whether it could write more at once.
   */
  fill(packet: PacketWriter, limit: number): boolean;
}

/** Where a channel and its streams put what they send. */
export interface Outlet {
  /** Sends a frame, ahead of all DATA. */
  post(frame: Frame): void;
  /** The stream has something to send. */
  ready(source: Source): void;
  /** The stream has nothing to send any more. */
  withdraw(source: Source): void;
}

/** What waits to be sent: frames that go first, and streams that take turns. */
export class Outbox implements Outlet {
  /** Called when DATA may be sent: frames that were held back until then can be posted now. */
  refill: () => void = () => {};
  #frames: Frame[] = [];
  #frameBytes = 0;
  #sources: Set<Source> = new Set();
  #wake: () => void;

  /** `wake` is called when there is something new to send. */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Bytes of frames that wait, other than DATA. */
  get bytes(): number {
    return this.#frameBytes;
  }

  /** Sends a frame, ahead of all DATA. */
  post(frame: Frame): void {
    this.#frames.push(frame);
    this.#frameBytes += FRAME_HEADER_SIZE + frame.payload.length;
    this.#wake();
  }

  /** The stream has something to send. */
  ready(source: Source): void {
    this.#sources.add(source);
    this.#wake();
  }

  /** The stream has nothing to send any more. */
  withdraw(source: Source): void {
    this.#sources.delete(source);
  }

  /** The next packet, or `undefined` if there is nothing to send; streams only if `data`. */
  compose(writer: PacketWriter, { data }: { data: boolean }): Uint8Array<ArrayBuffer> | undefined {
    if (data) this.refill();
    const large = this.#takeLarge();
    if (large) return encodePacket(large);
    this.#writeFrames(writer);
    // A frame for which there was no room may be the OPEN of a channel that has DATA already.
    if (data && this.#frames.length === 0) this.#writeData(writer);
    return writer.length > 0 ? writer.take() : undefined;
  }

  #takeLarge(): Frame | undefined {
    const first = this.#frames[0];
    if (!first || first.payload.length + FRAME_HEADER_SIZE <= PACKET_SIZE) return undefined;
    return this.#shift();
  }

  #shift(): Frame | undefined {
    const frame = this.#frames.shift();
    if (frame) this.#frameBytes -= FRAME_HEADER_SIZE + frame.payload.length;
    return frame;
  }

  #writeFrames(writer: PacketWriter): void {
    for (let first = this.#frames[0]; first; first = this.#frames[0]) {
      if (first.payload.length > writer.room) return;
      writer.write(first);
      this.#shift();
    }
  }

  /** Streams take turns; one that is alone gets all the room there is. */
  #writeData(writer: PacketWriter): void {
    for (const source of this.#sources) {
      if (writer.room <= 0) return;
      this.#sources.delete(source);
      const more = source.fill(writer, this.#sources.size === 0 ? writer.room : TURN);
      // Deleting and adding puts it at the end of the line, where this loop comes by again.
      if (more) this.#sources.add(source);
    }
  }
}
