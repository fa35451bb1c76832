import { Agent } from "node:http";
import { Duplex } from "node:stream";

/** Bytes that are read at a time. */
const CHUNK = 64 * 1024;

/**
 * Connections of `node:http` to a Unix socket, made by `Deno.connect()`. Those of `node:net` close
 * their file descriptor twice in Deno 2.9, and the second time it may be another thread's file:
 * `strace -f -e trace=close` shows it.
 */
export class UnixAgent extends Agent {
  override createConnection(
    { socketPath }: { socketPath?: string | null | undefined },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const connecting = Deno.connect({ transport: "unix", path: socketPath! });
    connecting.then(
      (connection) => callback?.(null, new UnixStream(connection)),
      (error) => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

/** A connection in the shape that `node:http` wants, with what it does to sockets besides. */
class UnixStream extends Duplex {
  readonly #connection: Deno.UnixConn;

  constructor(connection: Deno.UnixConn) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
  }

  override async _read(): Promise<void> {
    try {
      const buffer = new Uint8Array(CHUNK);
      const count = await this.#connection.read(buffer);
      this.push(count === null ? null : buffer.subarray(0, count));
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override async _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): Promise<void> {
    try {
      for (let rest = chunk; rest.length > 0;) {
        rest = rest.subarray(await this.#connection.write(rest));
      }
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.closeWrite().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.close();
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    this.#connection.ref();
    return this;
  }

  unref(): this {
    this.#connection.unref();
    return this;
  }
}
