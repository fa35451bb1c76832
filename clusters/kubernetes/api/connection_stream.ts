import { Duplex } from "node:stream";
import type { ReadGate } from "./read_gate.ts";

/** Bytes that are read at a time. */
const CHUNK = 64 * 1024;

/** A connection in the shape that `node:tls` and `node:http` want; `gate` says when it is read. */
export class ConnectionStream extends Duplex {
  readonly #connection: Deno.Conn;
  readonly #gate: ReadGate | undefined;

  constructor(connection: Deno.Conn, gate?: ReadGate) {
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
    return this;
  }

  unref(): this {
    return this;
  }
}
