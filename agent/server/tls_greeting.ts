import { Buffer } from "node:buffer";

/** The first byte of every TLS connection: a record of the handshake. */
const TLS_HANDSHAKE = 22;

/** Bytes of a record's header; the last two are the length of what follows. */
const HEADER = 5;

/** Bytes of the longest greeting: TLS allows 16 KiB, and a runner needs less than 2. */
const MAX_GREETING = 4 * 1024;

/** What the bytes until now are. */
export type GreetingState = "incomplete" | "whole" | "foreign";

/**
 * The first record of a TLS connection, collected before TLS hears of the connection: for that, the
 * runtime takes 15 KB, and for a connection that waits, a tenth.
 */
export class TlsGreeting {
  #bytes = Buffer.alloc(0);

  /** All bytes until now. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** `"foreign"` when this is no greeting, or one that is too long. */
  get state(): GreetingState {
    const { length } = this.#bytes;
    if (length > 0 && this.#bytes[0] !== TLS_HANDSHAKE) return "foreign";
    if (length < HEADER) return "incomplete";
    const size = HEADER + this.#bytes.readUInt16BE(3);
    if (size > MAX_GREETING) return "foreign";
    return length >= size ? "whole" : "incomplete";
  }

  /** Takes the next bytes. */
  add(chunk: Buffer): GreetingState {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    return this.state;
  }
}
