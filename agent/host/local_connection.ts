import type { HostConnection } from "./host.ts";
import { resetSocket } from "./reset_socket.ts";

/** Bytes that are read at a time, at first and once a read was filled. */
const READ_SIZES = { first: 8 * 1024, then: 64 * 1024 };

/** A chunk that fills less of its buffer is copied out, so that it does not keep the rest alive. */
const WORTH_PASSING = 4 * 1024;

/** What the runtime has for a connection. */
type Socket = Deno.TcpConn | Deno.UnixConn | Deno.TlsConn;

/** A connection of this machine. It is closed when both directions have ended. */
export class LocalConnection implements HostConnection {
  readonly localAddr: Deno.NetAddr | Deno.UnixAddr;
  readonly remoteAddr: Deno.NetAddr | Deno.UnixAddr;
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #conn: Socket;
  readonly #onClosed: () => void;
  readonly #closing = Promise.withResolvers<void>();
  readonly #fails: ((reason: unknown) => void)[] = [];
  #ends = 0;
  #closed = false;
  /** What a write has met that reading does not hear of any more. */
  #failure: { readonly error: unknown } | undefined;
  #size = READ_SIZES.first;

  constructor(conn: Socket, onClosed: () => void = () => {}) {
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
      start: (controller) => {
        this.#fails.push((reason) => controller.error(reason));
        const { signal } = controller;
        // A write that waits for the other end to read keeps `abort` from being called.
        signal.addEventListener("abort", () => void this.reset(signal.reason), { once: true });
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#endWriting(),
    });
  }

  /** As the interface says. */
  get closed(): Promise<void> {
    return this.#closing.promise;
  }

  /** As the interface says. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async reset(reason: unknown): Promise<void> {
    if (this.#closed) return;
    try {
      resetSocket(this.#conn);
    } finally {
      this.#fail(reason);
    }
  }

  /** Closes both directions, at once. Idempotent. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#fail(new Deno.errors.BadResource("Cannot use the connection: it was closed"));
  }

  async #read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const buffer = new Uint8Array(this.#size);
    let size: number | null;
    try {
      size = await this.#conn.read(buffer);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    if (size === null) return this.#end();
    if (size === buffer.length) this.#size = READ_SIZES.then;
    return size < WORTH_PASSING ? buffer.slice(0, size) : buffer.subarray(0, size);
  }

  async #write(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      const rest = done === 0 ? chunk : chunk.subarray(done);
      done += await this.#conn.write(rest).catch((error) => this.#writingFailed(error));
    }
  }

  /** What has come can still be read, such as the answer of a service that took no more. */
  #writingFailed(error: unknown): never {
    // The system tells only one call that the connection broke, and the other that it has ended.
    if (!(error instanceof Deno.errors.BrokenPipe)) this.#failure ??= { error };
    this.#directionEnded();
    throw error;
  }

  #end(): null {
    if (!this.#failure) return null;
    this.#fail(this.#failure.error);
    throw this.#failure.error;
  }

  async #endWriting(): Promise<void> {
    // The other end may have gone already.
    await this.#conn.closeWrite().catch(() => {});
    this.#directionEnded();
  }

  #directionEnded(): void {
    if (++this.#ends === 2) this.#close();
  }

  #fail(reason: unknown): void {
    this.#close();
    for (const fail of this.#fails) fail(reason);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
    this.#closing.resolve();
    this.#onClosed();
  }
}

/** The end of a Unix socket that is bound to nothing has no path; its type says otherwise. */
function addressOf(address: Deno.Addr): Deno.NetAddr | Deno.UnixAddr {
  if ("path" in address) return { ...address, path: address.path ?? "" };
  return address as Deno.NetAddr;
}
