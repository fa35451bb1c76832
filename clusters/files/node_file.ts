import type { HostFile } from "../../agent/host/host.ts";
import { AuthorCall, checkBuffer, checkChunk, getterOf, type Lifeline } from "../calls/mod.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { checkLength, checkSeek } from "./file_position.ts";

/** Bytes that one read of {@linkcode NodeFile.readable} asks for. */
const CHUNK_SIZE = 256 * 1024;

/**
 * An open file on a node, with the shape of `Deno.FsFile`. Calls are done in the order in which they
 * were made.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await using file = await node.open("log", { read: true, write: true, create: true });
 * await file.write(new TextEncoder().encode("one two"));
 * await file.seek(4, Deno.SeekMode.Start);
 * const buffer = new Uint8Array(16);
 * strictEqual(await file.read(buffer), 3);
 * ```
 */
export class NodeFile implements AsyncDisposable {
  readonly #file: HostFile;
  readonly #life: Lifeline;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  #closed = false;

  /** @ignore */
  constructor(file: HostFile, life: Lifeline) {
    this.#file = file;
    this.#life = life;
  }

  /** Reads from the current position to the end of the file, and closes it there; `cancel()` closes it, too. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (this.#readable) return this.#readable;
    const call = new AuthorCall(getterOf(this, "readable"), { on: "file", name: "readable" });
    return this.#readable = new ReadableStream({
      pull: async (controller) => {
        const chunk = await this.#during(call, () => this.#file.read(CHUNK_SIZE));
        if (chunk) return controller.enqueue(chunk);
        await this.#close(call);
        controller.close();
      },
      cancel: () => this.#close(call),
    }, { highWaterMark: 0 });
  }

  /** Writes at the current position; closing or aborting it closes the file. */
  get writable(): WritableStream<Uint8Array> {
    if (this.#writable) return this.#writable;
    const call = new AuthorCall(getterOf(this, "writable"), { on: "file", name: "writable" });
    return this.#writable = new WritableStream({
      write: async (chunk) => {
        checkChunk(chunk);
        await this.#during(call, () => this.#file.write(chunk));
      },
      close: () => this.#close(call),
      abort: () => this.#close(call),
    });
  }

  /** Reads into `buffer`; resolves to the number of bytes, or to `null` at the end of the file. */
  async read(buffer: Uint8Array): Promise<number | null> {
    const call = new AuthorCall(this.read, { on: "file" });
    call.check(() => checkBuffer(buffer));
    if (buffer.length === 0) return 0;
    const chunk = await this.#during(call, () => this.#file.read(buffer.length));
    if (chunk === null) return null;
    buffer.set(chunk);
    return chunk.length;
  }

  /** Writes all of `data`; resolves to its number of bytes. */
  async write(data: Uint8Array): Promise<number> {
    checkChunk(data);
    const call = new AuthorCall(this.write, { on: "file" });
    await this.#during(call, () => this.#file.write(data));
    return data.length;
  }

  /** Moves the position; resolves to it, in bytes from the start. */
  async seek(offset: number | bigint, whence: Deno.SeekMode): Promise<number> {
    const call = new AuthorCall(this.seek, { on: "file", of: [offset, whence] });
    call.check(() => checkSeek(offset, whence));
    return await this.#during(call, () => this.#file.seek(offset, whence));
  }

  /** Information about the file. */
  stat(): Promise<Deno.FileInfo> {
    const call = new AuthorCall(this.stat, { on: "file" });
    return this.#during(call, () => this.#file.stat());
  }

  /** Cuts the file, or extends it with zeros, to `length` bytes. @default 0 */
  async truncate(length?: number): Promise<void> {
    const call = new AuthorCall(this.truncate, { on: "file", of: [length] });
    call.check(() => checkLength(length));
    await this.#during(call, () => this.#file.truncate(length));
  }

  /** Flushes data and metadata to the node's disk. */
  sync(): Promise<void> {
    const call = new AuthorCall(this.sync, { on: "file" });
    return this.#during(call, () => this.#file.sync());
  }

  /** Flushes data to the node's disk. */
  syncData(): Promise<void> {
    const call = new AuthorCall(this.syncData, { on: "file" });
    return this.#during(call, () => this.#file.sync());
  }

  /** Closes the file. Idempotent. */
  async close(): Promise<void> {
    await this.#close(new AuthorCall(this.close, { on: "file" }));
  }

  /** As {@linkcode NodeFile.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close(new AuthorCall(this[Symbol.asyncDispose], { on: "file" }));
  }

  #close(call: AuthorCall): Promise<void> {
    this.#closed = true;
    return call.during(() => this.#file.close());
  }

  #during<T>(call: AuthorCall, work: () => Promise<T>): Promise<T> {
    return this.#life.during(call, async (signal) => {
      if (this.#closed) throw new Deno.errors.BadResource("Cannot use the file: it was closed");
      // A call may wait for other processes, as at a pipe: it fails when the node ends.
      return await unlessAborted(work(), signal);
    });
  }
}
