import { readFrom } from "./file_access.ts";

/** Bytes that are read at a time from a file that a process has for its input. */
const CHUNK_SIZE = 64 * 1024;

/** The input of a process: a pipe whose other end is closed when the process ends. */
export class ProcessInput {
  /** Fails with `BrokenPipe` when the process does not read any more. */
  readonly stream: WritableStream<Uint8Array>;
  readonly #pipe: WritableStreamDefaultWriter<Uint8Array>;
  readonly #label: string;
  #closed: Promise<void> | undefined;
  #fail: (reason: unknown) => void = () => {};

  /** `label` completes "Cannot write to …" in errors. */
  constructor(pipe: WritableStream<Uint8Array>, label: string) {
    this.#pipe = pipe.getWriter();
    this.#pipe.closed.catch(() => {});
    this.#label = label;
    this.stream = new WritableStream({
      start: (controller) => this.#fail = (reason) => controller.error(reason),
      write: (chunk) => this.#pipe.write(chunk).catch(() => this.#break()),
      close: () => this.#close(() => this.#pipe.close()),
      abort: () => this.processEnded(),
    });
  }

  /** Writes all of a file, for as long as the process reads, and ends the input. */
  async feed(path: string, file: Deno.FsFile): Promise<void> {
    const buffer = new Uint8Array(CHUNK_SIZE);
    try {
      for (let size; (size = await readFrom(file, buffer, path)) !== null;) {
        await this.#pipe.write(buffer.slice(0, size));
      }
      await this.#close(() => this.#pipe.close());
    } catch {
      // The process does not want the rest of it.
      await this.processEnded();
    }
  }

  /** The process does not read any more: closes the pipe, so that later writes fail. */
  processEnded(): Promise<void> {
    if (!this.#closed) this.#fail(this.#brokenPipe());
    return this.#close(() => this.#pipe.abort());
  }

  #close(close: () => Promise<void>): Promise<void> {
    return this.#closed ??= close().catch(() => {});
  }

  async #break(): Promise<never> {
    await this.processEnded();
    throw this.#brokenPipe();
  }

  #brokenPipe(): Error {
    return new Deno.errors.BrokenPipe(`Cannot write to ${this.#label}: nobody reads it any more`);
  }
}
