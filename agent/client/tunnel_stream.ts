import { SocketStream } from "../socket_stream.ts";
import type { TunnelConnection } from "./agent_tunnel.ts";

/** Chunks that wait to be written. */
type Writes = readonly { readonly chunk: Uint8Array }[];

/** Called once something was done, or has failed. */
type Done = (error?: Error | null) => void;

/**
 * What carries a connection to an agent, in the shape that `node:tls` wants. Takes it over: destroying the
 * stream resets it.
 */
export class TunnelStream extends SocketStream {
  readonly #carrier: TunnelConnection;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(carrier: TunnelConnection) {
    super({ allowHalfOpen: true });
    this.#carrier = carrier;
    this.#reader = carrier.readable.getReader();
    this.#writer = carrier.writable.getWriter();
    // A carrier that breaks off is heard of by what is read or written.
    this.#writer.closed.catch(() => {});
  }

  override async _read(): Promise<void> {
    try {
      const { done, value } = await this.#reader.read();
      this.push(done ? null : value);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#writer.write(chunk).then(() => done(), done);
  }

  /** Writes all that waits at once: each write is a message of what carries it. */
  override _writev(writes: Writes, done: Done): void {
    const bytes = new Uint8Array(writes.reduce((sum, { chunk }) => sum + chunk.length, 0));
    let at = 0;
    for (const { chunk } of writes) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#writer.write(bytes).then(() => done(), done);
  }

  /** A carrier whose other end is gone has nothing to end: whoever reads it hears of that. */
  override _final(done: Done): void {
    this.#writer.close().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    const reason = error ?? new Deno.errors.Interrupted("the connection was closed");
    this.#carrier.reset(reason).catch(() => {});
    done(error);
  }
}
