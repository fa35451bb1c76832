import type { HostFile } from "../host/host.ts";
import { decodeFileInfo } from "../wire/file_info.ts";
import type { AgentCall } from "./agent_call.ts";

/** An open file of a host behind an agent. */
export class AgentFile implements HostFile {
  #call: AgentCall;
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  /** The latest call; the next begins when it has ended. */
  #latest: Promise<unknown> = Promise.resolve();

  /** `call` is an `open` that has been opened. */
  constructor(call: AgentCall) {
    this.#call = call;
    this.#reader = call.channel.incoming(1).readable.getReader();
  }

  /** Up to `length` bytes from the current position, or `null` at the end of the file. */
  read(length: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#inTurn(async () => {
      const read = await this.#call.request({ read: length });
      return read === null ? null : await this.#receive(Number(read));
    });
  }

  /** Writes all of `data` at the current position. */
  write(data: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const reply = this.#call.request({ write: data.length });
      await Promise.all([reply, this.#call.channel.outgoing(0).write(data)]);
    });
  }

  /** Resolves to the new position. */
  seek(offset: number | bigint, whence: Deno.SeekMode): Promise<number> {
    return this.#inTurn(async () => {
      return Number(await this.#call.request({ seek: Number(offset), whence }));
    });
  }

  /** What is known of the file. */
  stat(): Promise<Deno.FileInfo> {
    return this.#inTurn(async () => decodeFileInfo(await this.#call.request({ stat: true })));
  }

  /** Shortens or extends the file. */
  truncate(length = 0): Promise<void> {
    return this.#inTurn(async () => void await this.#call.request({ truncate: length }));
  }

  /** Flushes data and metadata to the disk. */
  sync(): Promise<void> {
    return this.#inTurn(async () => void await this.#call.request({ sync: true }));
  }

  /** Closes the file, after the calls before it. Idempotent. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#call.close());
  }

  /** Closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#latest.catch(() => {}).then(work);
    this.#latest = result;
    return result;
  }

  async #receive(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length;) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Deno.errors.UnexpectedEof("Cannot read: the stream ended early");
      bytes.set(value, offset);
      offset += value.length;
    }
    return bytes;
  }
}
