import { SocketStream } from "./socket_stream.ts";

/** Bytes that are read at a time. */
const CHUNK = 64 * 1024;

/** Says when a connection is read. */
export interface ReadingGate {
  /** Resolves once more may be read. */
  passed(): Promise<void>;
  /** The connection is over: lets go on who waits. */
  open(): void;
}

/**
 * A connection of Deno in the shape that `node:http` and `node:tls` want. Takes it over: destroying the
 * stream closes it.
 */
export class ConnectionStream extends SocketStream {
  readonly #connection: Deno.Conn;
  readonly #gate: ReadingGate | undefined;

  /** Without a gate, it is read as fast as `node:stream` asks for more. */
  constructor(connection: Deno.Conn, gate?: ReadingGate) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#gate = gate;
  }

  override async _read(): Promise<void> {
    try {
      await this.#gate?.passed();
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

  /** A connection whose other end is gone has nothing to end: whoever reads it hears of that. */
  override _final(done: (error?: Error | null) => void): void {
    this.#connection.closeWrite().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    try {
      this.#connection.close();
    } catch {
      // A connection that was closed is closed.
    }
    this.#gate?.open();
    done(error);
  }

  /** From now on, the process does not end while it is open. */
  override ref(): this {
    this.#connection.ref();
    return this;
  }

  /** From now on, the process may end while it is open, as an agent of `node:http` has it between calls. */
  override unref(): this {
    this.#connection.unref();
    return this;
  }
}
