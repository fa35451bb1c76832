import type { HostConnection } from "../../agent/host/host.ts";
import {
  AuthorCall,
  checkBuffer,
  checkChunk,
  getterOf,
  guardedReadable,
  guardedWritable,
  type Lifeline,
  type NodeReadableStream,
  type StreamAccess,
} from "../calls/mod.ts";

/**
 * A connection that was opened or accepted on a node, with the shape of `Deno.Conn`. Use either the
 * streams or `read` and `write`, as there.
 */
export class NodeConnection implements AsyncDisposable, Disposable {
  /** The node's end. */
  readonly localAddr: Deno.NetAddr | Deno.UnixAddr;
  /** The other end. */
  readonly remoteAddr: Deno.NetAddr | Deno.UnixAddr;
  readonly #connection: HostConnection;
  readonly #life: Lifeline;
  #readable: NodeReadableStream | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #rest: Uint8Array = new Uint8Array();
  #onClosed: (() => void) | undefined;
  #closed = false;

  /** @ignore */
  constructor(connection: HostConnection, life: Lifeline, onClosed?: () => void) {
    this.#connection = connection;
    this.#life = life;
    this.#onClosed = onClosed;
    this.localAddr = connection.localAddr;
    this.remoteAddr = connection.remoteAddr;
  }

  /**
   * Ends when the other end has closed its direction; fails with `Deno.errors.ConnectionReset` when
   * that end has reset the connection.
   */
  get readable(): NodeReadableStream {
    return this.#readable ??= guardedReadable(this.#connection.readable, this.#access("readable"));
  }

  /**
   * Closing it half-closes the connection: `readable` may still bring bytes. Aborting it resets the
   * connection: the other end sees `ECONNRESET`.
   */
  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= guardedWritable(this.#connection.writable, this.#access("writable"));
  }

  /** Reads into `buffer`; resolves to the number of bytes, or to `null` at the end. */
  async read(buffer: Uint8Array): Promise<number | null> {
    const call = new AuthorCall(this.read, { on: "connection" });
    call.check(() => checkBuffer(buffer));
    this.#reader ??= this.readable.getReader();
    if (buffer.length === 0) return 0;
    if (this.#rest.length === 0) {
      const { done, value } = await this.#whileOpen(call, this.#reader.read());
      if (done) return null;
      this.#rest = value;
    }
    const chunk = this.#rest.subarray(0, buffer.length);
    this.#rest = this.#rest.subarray(chunk.length);
    buffer.set(chunk);
    return chunk.length;
  }

  /** Writes all of `data`; resolves to its number of bytes. */
  async write(data: Uint8Array): Promise<number> {
    const call = new AuthorCall(this.write, { on: "connection" });
    call.check(() => checkChunk(data));
    this.#writer ??= this.writable.getWriter();
    await this.#whileOpen(call, this.#writer.write(data));
    return data.length;
  }

  /** Half-closes the connection: nothing more will be written. */
  async closeWrite(): Promise<void> {
    const call = new AuthorCall(this.closeWrite, { on: "connection" });
    this.#writer ??= this.writable.getWriter();
    await this.#whileOpen(call, this.#writer.close());
  }

  /** Closes both directions, without waiting. Idempotent. */
  close(): void {
    // If the node or the connection is gone, it is closed already.
    this[Symbol.asyncDispose]().catch(() => {});
  }

  /** As {@linkcode NodeConnection.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes both directions. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "connection" });
    this.#closed = true;
    this.#onClosed?.();
    this.#onClosed = undefined;
    await call.during(() => this.#connection[Symbol.asyncDispose]());
  }

  #access(property: "readable" | "writable"): StreamAccess {
    const call = new AuthorCall(getterOf(this, property), { on: "connection", name: property });
    return { life: this.#life, call };
  }

  /** After a close of this end, calls fail with that as the reason, whatever error the host gives. */
  async #whileOpen<T>(call: AuthorCall, work: Promise<T>): Promise<T> {
    const closed = "Cannot use the connection: it was closed";
    try {
      return await work;
    } catch (error) {
      if (this.#closed) throw call.located(new Deno.errors.BadResource(closed));
      this.#life.check(call);
      throw call.located(error);
    }
  }
}
