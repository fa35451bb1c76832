import type { HostConnection } from "./host.ts";

/** Bytes that are read at a time, at first and once a read was filled. */
const READ_SIZES = { first: 8 * 1024, then: 64 * 1024 };

/** A chunk that fills less of its buffer is copied out, so that it does not keep the rest alive. */
const WORTH_PASSING = 4 * 1024;

/** A connection of this machine. It is closed when both directions have ended. */
export class LocalConnection implements HostConnection {
  readonly localAddr: Deno.NetAddr | Deno.UnixAddr;
  readonly remoteAddr: Deno.NetAddr | Deno.UnixAddr;
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #conn: Deno.TcpConn | Deno.UnixConn;
  readonly #onClosed: () => void;
  readonly #fails: ((reason: unknown) => void)[] = [];
  #ends = 0;
  #closed = false;
  #size = READ_SIZES.first;

  constructor(conn: Deno.TcpConn | Deno.UnixConn, onClosed: () => void) {
    this.#conn = conn;
    this.#onClosed = onClosed;
    this.localAddr = addressOf(conn.localAddr);
    this.remoteAddr = addressOf(conn.remoteAddr);
    this.readable = new ReadableStream({
      start: (controller) => void this.#fails.push((reason) => controller.error(reason)),
      pull: async (controller) => {
        const chunk = await this.#read();
        if (chunk) return controller.enqueue(chunk);
        controller.close();
        this.#directionEnded();
      },
      cancel: () => this.#directionEnded(),
    }, { highWaterMark: 0 });
    this.writable = new WritableStream({
      start: (controller) => void this.#fails.push((reason) => controller.error(reason)),
      write: (chunk) => this.#write(chunk),
      close: () => this.#endWriting(),
      abort: () => this.#close(),
    });
  }

  /** Closes both directions, at once. Idempotent. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#close();
    const reason = new Deno.errors.BadResource("Cannot use the connection: it was closed");
    for (const fail of this.#fails) fail(reason);
  }

  async #read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const buffer = new Uint8Array(this.#size);
    const size = await this.#orClose(() => this.#conn.read(buffer));
    if (size === null) return null;
    if (size === buffer.length) this.#size = READ_SIZES.then;
    return size < WORTH_PASSING ? buffer.slice(0, size) : buffer.subarray(0, size);
  }

  async #write(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      const rest = done === 0 ? chunk : chunk.subarray(done);
      done += await this.#orClose(() => this.#conn.write(rest));
    }
  }

  async #endWriting(): Promise<void> {
    // The other end may have gone already.
    await this.#conn.closeWrite().catch(() => {});
    this.#directionEnded();
  }

  #directionEnded(): void {
    if (++this.#ends === 2) this.#close();
  }

  /** Does a call on the connection, which is of no more use if that fails. */
  async #orClose<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
    this.#onClosed();
  }
}

/** The end of a Unix socket that is bound to nothing has no path; its type says otherwise. */
function addressOf(address: Deno.Addr): Deno.NetAddr | Deno.UnixAddr {
  if ("path" in address) return { ...address, path: address.path ?? "" };
  return address as Deno.NetAddr;
}
