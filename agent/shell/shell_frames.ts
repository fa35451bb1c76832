import { joined } from "../host/joined.ts";
import type { TerminalSize } from "../host/host.ts";

/** Bytes that a frame has at most. */
export const MAX_FRAME: number = 64 * 1024;

/** Before each frame: its kind, and how long it is. */
const HEADER = 5;

/** What a frame holds: what is typed or shown, or a message as JSON. */
const Kind = { bytes: 0, message: 1 } as const;

/** A node on which a terminal can be opened. */
export interface OfferedNode {
  /** The folder of its cluster in the record: its name and id. */
  readonly cluster: string;
  readonly backend: string;
  readonly node: string;
}

/** What is asked of a server of shells. */
export type ShellRequest =
  | { readonly type: "list" }
  | {
    readonly type: "open";
    readonly cluster: string;
    readonly node: string;
    /** @default bash, or else sh */
    readonly command?: readonly string[] | undefined;
    readonly size: TerminalSize;
    /** As in the variable `TERM`. */
    readonly term?: string | undefined;
  }
  | { readonly type: "resize"; readonly size: TerminalSize };

/** What it answers. */
export type ShellReply =
  | { readonly type: "nodes"; readonly nodes: readonly OfferedNode[] }
  | { readonly type: "opened" }
  | { readonly type: "refused"; readonly message: string }
  /** The last one: with why, if that was not the shell's own end. */
  | { readonly type: "ended"; readonly code: number; readonly message?: string | undefined };

/** One frame. */
export type ShellFrame<M> = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly message: M };

/** Frames on a connection; `R` are the messages that come, `S` those that are sent. */
export class ShellFrames<R, S> implements Disposable {
  readonly #connection: Deno.Conn;
  #sending: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The frames that come; ends with the connection, throws when it brings something else. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ShellFrame<R>, void, undefined> {
    let rest = new Uint8Array();
    for await (const chunk of this.#chunks()) {
      rest = joined([rest, chunk]);
      for (
        let size = sizeOf(rest);
        size !== undefined && rest.length >= size;
        size = sizeOf(rest)
      ) {
        yield frameOf<R>(rest.slice(0, size));
        rest = rest.slice(size);
      }
    }
  }

  /** Sends bytes; resolves when the other side has taken them. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; from += MAX_FRAME) {
      await this.#send(Kind.bytes, bytes.subarray(from, from + MAX_FRAME));
    }
  }

  /** Sends a message. */
  async send(message: S): Promise<void> {
    await this.#send(Kind.message, new TextEncoder().encode(JSON.stringify(message)));
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  /** Frames that are sent at the same time go one after the other. */
  #send(kind: number, payload: Uint8Array): Promise<void> {
    const sent = this.#sending.then(() => this.#write(kind, payload));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  async #write(kind: number, payload: Uint8Array): Promise<void> {
    const header = new DataView(new ArrayBuffer(HEADER));
    header.setUint8(0, kind);
    header.setUint32(1, payload.length);
    let rest = joined([new Uint8Array(header.buffer), payload]);
    while (rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
  }

  async *#chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const buffer = new Uint8Array(MAX_FRAME);
    while (!this.#isClosed) {
      const size = await this.#connection.read(buffer).catch((error) => {
        // It was closed here, or by the other side's death.
        if (this.#isClosed || error instanceof Deno.errors.ConnectionReset) return null;
        throw error;
      });
      if (size === null) return;
      yield buffer.slice(0, size);
    }
  }
}

/** Bytes of the frame that `bytes` begin with, once that is known. */
function sizeOf(bytes: Uint8Array<ArrayBuffer>): number | undefined {
  if (bytes.length < HEADER) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  if (length > MAX_FRAME) throw new TypeError(`Cannot read a frame of ${length} bytes`);
  return HEADER + length;
}

function frameOf<M>(frame: Uint8Array<ArrayBuffer>): ShellFrame<M> {
  const payload = frame.subarray(HEADER);
  if (frame[0] === Kind.bytes) return { bytes: payload };
  if (frame[0] !== Kind.message) throw new TypeError(`Cannot read a frame of kind ${frame[0]}`);
  return { message: JSON.parse(new TextDecoder().decode(payload)) };
}
