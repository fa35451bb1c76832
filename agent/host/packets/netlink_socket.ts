import { describeError } from "../starter/system_error.ts";
import { NetlinkLibrary } from "./netlink_library.ts";
import { decodeMessages, encodeMessage, joined, type NetlinkMessage } from "./netlink_message.ts";

/** Numbers of the kernel's interface. */
const SOL_NETLINK = 270;
const NO_OVERFLOW_ERRORS = 5;
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const MSG_DONTWAIT = 0x40;

/** Flags of a message. */
export const MessageFlag = { request: 1, acknowledge: 4 } as const;

/** The error of a kernel that has no such part: EPROTONOSUPPORT. */
const NOT_SUPPORTED = 93;

/** The type of a message that says how a request ended. */
const ERROR = 2;

/** Bytes that wait to be sent or read: a change of a thousand rules takes half a megabyte. */
const BUFFER_SIZE = 8 * 1024 * 1024;

/** Bytes of the longest answer that the kernel sends at once. */
const MAX_ANSWER = 64 * 1024;

/** The kernel refused a request. */
export class NetlinkError extends Error {
  override readonly name = "NetlinkError";

  /** Made of the kernel's number of the error. */
  constructor(readonly number: number) {
    super(describeError(number));
  }
}

/** What the kernel said of the requests of one call. */
export interface NetlinkAnswer {
  readonly type: number;
  readonly body: Uint8Array;
}

/**
 * A connection to a part of the kernel. What the part keeps for it is gone when it is closed, and when
 * the process ends in whatever way.
 */
export class NetlinkSocket implements Disposable {
  readonly #library: NetlinkLibrary;
  readonly #descriptor: number;
  #sequence = 0;
  #isClosed = false;

  /** Opens one to a part of the kernel, as `NETLINK_NETFILTER`. */
  constructor(part: number) {
    this.#library = new NetlinkLibrary();
    const { socket, bind, setsockopt } = this.#library.symbols;
    this.#descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, part);
    const address = new Uint8Array(12);
    new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
    if (this.#descriptor < 0 || bind(this.#descriptor, address, address.length) !== 0) {
      this[Symbol.dispose]();
      throw new NetlinkError(NOT_SUPPORTED);
    }
    const size = new Uint8Array(new Int32Array([BUFFER_SIZE]).buffer);
    // What may not be larger is as large as the system's own.
    for (const option of [SO_SNDBUFFORCE, SO_RCVBUFFORCE]) {
      setsockopt(this.#descriptor, SOL_SOCKET, option, size, size.length);
    }
  }

  /**
   * Sends requests as one, and returns what the kernel answers, which it has done by then. Throws a
   * {@linkcode NetlinkError} if one was refused: then nothing of a batch was done.
   */
  request(messages: readonly NetlinkMessage[]): NetlinkAnswer[] {
    const first = this.#sequence + 1;
    const bytes = joined(messages.map((message) => encodeMessage(message, ++this.#sequence)));
    const sent = Number(
      this.#library.symbols.send(this.#descriptor, bytes, BigInt(bytes.length), 0),
    );
    if (sent !== bytes.length) throw new Error("the kernel takes no such request");
    return this.#answers(first);
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Its number, as long as it is open. */
  get descriptor(): number {
    return this.#descriptor;
  }

  /** What comes while there is no room for it is lost without a word. */
  ignoreOverflow(): void {
    const yes = new Uint8Array([1, 0, 0, 0]);
    const { setsockopt } = this.#library.symbols;
    setsockopt(this.#descriptor, SOL_NETLINK, NO_OVERFLOW_ERRORS, yes, yes.length);
  }

  /** Sends messages as they are; what the kernel answers is left to {@linkcode receiveInto}. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#library.symbols.send(this.#descriptor, bytes, BigInt(bytes.length), 0);
  }

  /** Receives what has come, and returns how many bytes it is; none, or less, if nothing has. */
  receiveInto(buffer: Uint8Array<ArrayBuffer>): number {
    const { recv } = this.#library.symbols;
    return Number(recv(this.#descriptor, buffer, BigInt(buffer.length), MSG_DONTWAIT));
  }

  /** Closes it. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#descriptor >= 0) this.#library.symbols.close(this.#descriptor);
    this.#library[Symbol.dispose]();
  }

  #answers(first: number): NetlinkAnswer[] {
    const answers: NetlinkAnswer[] = [];
    let refusal: NetlinkError | undefined;
    for (let chunk; (chunk = this.#receive()) !== undefined;) {
      for (const { type, body, sequence } of decodeMessages(chunk)) {
        // What is left of an earlier request that was refused is of no interest.
        if (sequence < first) continue;
        const number = type === ERROR
          ? -new DataView(body.slice(0, 4).buffer).getInt32(0, true)
          : 0;
        if (number !== 0) refusal ??= new NetlinkError(number);
        if (type !== ERROR) answers.push({ type, body });
      }
    }
    if (refusal) throw refusal;
    return answers;
  }

  #receive(): Uint8Array | undefined {
    const buffer = new Uint8Array(MAX_ANSWER);
    const { recv } = this.#library.symbols;
    const size = Number(recv(this.#descriptor, buffer, BigInt(buffer.length), MSG_DONTWAIT));
    return size > 0 ? buffer.subarray(0, size) : undefined;
  }
}
