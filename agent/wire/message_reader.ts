import { decodePrefix, type MessageKind, PREFIX_SIZE } from "./message_prefix.ts";
import { MAX_PACKET } from "./protocol.ts";

/** Bytes that are read at a time while messages are small: at first, and once as much has come at once. */
const BUFFER_SIZES = { first: 4 * 1024, then: 64 * 1024 };

/** A whole message. */
export interface Message {
  readonly kind: MessageKind;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A message of which a part has come. */
interface Partial {
  readonly kind: MessageKind;
  readonly payload: Uint8Array<ArrayBuffer>;
  filled: number;
}

/**
 * Puts the bytes of a stream together to messages. Large ones are read to where they stay; it takes no
 * memory for more than one message.
 */
export class MessageReader {
  /** Bytes of the largest packet that may come; a larger one is a violation before any of it is kept. */
  maxPacket: number = MAX_PACKET;
  #buffer = new Uint8Array(BUFFER_SIZES.first);
  /** Bytes at the beginning of the buffer of which no message was made yet. */
  #length = 0;
  #partial: Partial | undefined;

  /** Where the next bytes go. */
  get target(): Uint8Array<ArrayBuffer> {
    const partial = this.#partial;
    return partial ? partial.payload.subarray(partial.filled) : this.#buffer.subarray(this.#length);
  }

  /**
   * The messages that are complete now that `count` bytes have been put into {@linkcode target}.
   *
   * @throws {ProtocolViolation} if what comes is no message; those before it were yielded.
   */
  *take(count: number): Generator<Message, void> {
    const partial = this.#partial;
    if (partial) {
      partial.filled += count;
      if (partial.filled < partial.payload.length) return;
      this.#partial = undefined;
      yield partial;
      return;
    }
    this.#length += count;
    const isFilled = this.#length === this.#buffer.length;
    yield* this.#takeBuffered();
    if (isFilled) this.#grow();
  }

  #grow(): void {
    if (this.#buffer.length === BUFFER_SIZES.then) return;
    this.#buffer = grown(this.#buffer, BUFFER_SIZES.then);
  }

  *#takeBuffered(): Generator<Message, void> {
    const bytes = this.#buffer.subarray(0, this.#length);
    let start = 0;
    while (!this.#partial && bytes.length - start >= PREFIX_SIZE) {
      const { kind, length } = decodePrefix(
        bytes.subarray(start, start + PREFIX_SIZE),
        this.maxPacket,
      );
      const rest = bytes.subarray(start + PREFIX_SIZE);
      if (length > rest.length && length > this.#buffer.length / 2) {
        this.#partial = { kind, payload: grown(rest, length), filled: rest.length };
        start = bytes.length;
      } else if (length > rest.length) break;
      else {
        start += PREFIX_SIZE + length;
        yield { kind, payload: rest.slice(0, length) };
      }
    }
    this.#buffer.copyWithin(0, start, this.#length);
    this.#length -= start;
  }
}

/** A larger array that begins like this one. */
function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(length);
  result.set(bytes);
  return result;
}
