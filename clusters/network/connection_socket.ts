import type { HostConnection } from "../../agent/host/host.ts";
import { SocketStream } from "../../agent/socket_stream.ts";

type Callback = (error?: Error | null) => void;

/** A connection of a node as the socket that `node:http` takes. It ends when the other end does. */
export class ConnectionSocket extends SocketStream {
  readonly #connection: HostConnection;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(connection: HostConnection) {
    super({ allowHalfOpen: false });
    this.#connection = connection;
    this.#reader = connection.readable.getReader();
    this.#writer = connection.writable.getWriter();
    this.#writer.closed.catch(() => {}); // Each write rejects as well.
    // Its request gets errors while it listens. One that comes later would end the process of the test.
    this.on("error", () => {});
  }

  override _read(): void {
    this.#reader.read().then(
      ({ done, value }) => this.push(done ? null : value),
      (error) => this.destroy(error),
    );
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: Callback): void {
    this.#writer.write(chunk).then(() => callback(), callback);
  }

  override _final(callback: Callback): void {
    this.#writer.close().then(() => callback(), callback);
  }

  /** Destroying it with an error resets the connection; without, it is closed. */
  override _destroy(error: Error | null, callback: Callback): void {
    const end = error ? this.#connection.reset(error) : this.#connection[Symbol.asyncDispose]();
    end.then(() => callback(error), () => callback(error));
  }
}
