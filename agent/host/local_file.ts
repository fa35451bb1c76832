import { readFrom, writeTo } from "./file_access.ts";
import type { HostFile } from "./host.ts";
import { PATIENCE } from "./open_resources.ts";
import { settledWithin } from "../settled_within.ts";

/** An open file on this machine, whose calls are done one after the other. */
export class LocalFile implements HostFile {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #onClosed: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;
  #isClosed = false;

  constructor(file: Deno.FsFile, path: string, onClosed: () => void) {
    this.#file = file;
    this.#path = path;
    this.#onClosed = onClosed;
  }

  read(length: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#next(async () => {
      const buffer = new Uint8Array(length);
      const read = await readFrom(this.#file, buffer, this.#path);
      return read === null ? null : buffer.subarray(0, read);
    });
  }

  write(data: Uint8Array): Promise<void> {
    return this.#next(() => writeTo(this.#file, data, this.#path));
  }

  seek(offset: number | bigint, whence: Deno.SeekMode): Promise<number> {
    return this.#next(() => this.#file.seek(offset, whence));
  }

  stat(): Promise<Deno.FileInfo> {
    return this.#next(() => this.#file.stat());
  }

  truncate(length?: number): Promise<void> {
    return this.#next(() => this.#file.truncate(length));
  }

  sync(): Promise<void> {
    return this.#next(() => this.#file.sync());
  }

  close(): Promise<void> {
    return this.#closed ??= this.#last.then(() => this.#close());
  }

  /** Closes it after the calls before, but does not wait for one that may never end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await settledWithin(PATIENCE, this.close());
    this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file.close();
    this.#onClosed();
  }

  #next<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      const message = `Cannot use '${this.#path}': the file was closed`;
      return Promise.reject(new Deno.errors.BadResource(message));
    }
    const result = this.#last.then(call);
    this.#last = result.catch(() => {});
    return result;
  }
}
