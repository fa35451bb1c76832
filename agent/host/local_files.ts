import { abortable } from "./abortable.ts";
import { download } from "./download.ts";
import type { FileContext } from "./file_context.ts";
import { localFileOperations, undoOperations } from "./file_operations.ts";
import { fileSink, fileSource } from "./file_streams.ts";
import type {
  CallOptions,
  DownloadOptions,
  DownloadResult,
  FileOperation,
  FileOperations,
  HostFile,
  HostFiles,
  OpenOptions,
  WriteOptions,
  WriteTreeOptions,
} from "./host.ts";
import type { HostStream, HostStreamOptions } from "./host_stream.ts";
import { LocalFile } from "./local_file.ts";
import { createLocalFile, openLocalFile } from "./open_local_file.ts";
import type { OpenResources } from "./open_resources.ts";
import { setMode } from "./set_mode.ts";

/** The files of this machine. */
export class LocalFiles implements HostFiles {
  readonly #context: FileContext;
  readonly #resources: OpenResources;

  constructor(context: FileContext, resources: OpenResources) {
    this.#context = context;
    this.#resources = resources;
  }

  call<O extends FileOperation>(
    operation: O,
    args: FileOperations[O]["args"],
    { signal }: CallOptions = {},
  ): Promise<FileOperations[O]["result"]> {
    const undo = (late: FileOperations[O]["result"]) => undoOperations[operation]?.(late);
    return this.#call(signal, () => localFileOperations[operation](this.#context, args), undo);
  }

  read(
    path: string,
    { signal }: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#openStream(signal, async (options) => {
      const file = await openLocalFile(this.#context.paths, path, { read: true });
      return fileSource(file, { path: this.#context.paths.resolve(path), ...options });
    });
  }

  write(path: string, options: WriteOptions = {}): Promise<WritableStream<Uint8Array>> {
    const { append = false, create = true, createNew = false, mode, signal } = options;
    const { copy = false, sparse = false } = options;
    const { paths } = this.#context;
    const open = { write: !append, append, create, createNew, truncate: !append, mode };
    return this.#openStream(signal, async (options) => {
      const file = await createLocalFile(paths, path, { ...open, copy });
      const absolute = paths.resolve(path);
      if (mode !== undefined) await setModeOf(file, absolute, mode);
      // To write takes these bits away from a file, unless one is privileged.
      const isSpecial = mode !== undefined && (mode & SET_ID_BITS) !== 0;
      const onWritten = isSpecial ? () => setMode(absolute, mode) : undefined;
      return fileSink(file, { path: absolute, sparse: sparse && !append, onWritten, ...options });
    });
  }

  open(path: string, options: OpenOptions = {}): Promise<HostFile> {
    const open = async () => {
      const file = await openLocalFile(this.#context.paths, path, options);
      const absolute = this.#context.paths.resolve(path);
      const opened: LocalFile = new LocalFile(file, absolute, () => this.#resources.delete(opened));
      this.#resources.add(opened);
      return opened;
    };
    return this.#call(options.signal, open, (late) => late.close());
  }

  readTree(
    path: string,
    { signal }: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#openStream(
      signal,
      async (options) => {
        // Loaded when it is needed: with that an agent starts later, and some never need it.
        const { readTree } = await import("./tree_reader.ts");
        return await readTree(this.#context.paths.resolve(path), options);
      },
    );
  }

  writeTree(
    path: string,
    { keepSpecialModes = true, signal }: WriteTreeOptions = {},
  ): Promise<WritableStream<Uint8Array>> {
    return this.#openStream(
      signal,
      async (options) => {
        const { writeTree } = await import("./tree_writer.ts");
        const { paths } = this.#context;
        const follow = (link: string) => paths.target(link);
        const how = { follow, keepSpecialModes };
        return writeTree(await paths.target(path), { ...how, ...options });
      },
    );
  }

  download(url: string, path: string, options: DownloadOptions = {}): Promise<DownloadResult> {
    return this.#call(
      options.signal,
      async () => await download(url, await this.#context.paths.entry(path), options),
    );
  }

  #call<T>(
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
    discard?: (late: T) => unknown,
  ): Promise<T> {
    return abortable(signal, () => this.#resources.during(work), discard);
  }

  async #openStream<S>(
    signal: AbortSignal | undefined,
    open: (options: HostStreamOptions) => Promise<HostStream<S>>,
  ): Promise<S> {
    const work = async () => {
      let closed = false;
      let opened: HostStream<S> | undefined = undefined;
      const onClosed = () => {
        closed = true;
        if (opened) this.#resources.delete(opened);
      };
      opened = await open({ signal, onClosed });
      if (!closed) this.#resources.add(opened);
      return opened;
    };
    const { stream } = await this.#call(signal, work, (late) => late[Symbol.asyncDispose]());
    return stream;
  }
}

/** The bits of a mode that have a program run as its owner, or with its group. */
const SET_ID_BITS = 0o6000;

/** Closes the file when that fails. */
async function setModeOf(file: Deno.FsFile, path: string, mode: number): Promise<void> {
  try {
    await setMode(path, mode);
  } catch (error) {
    file.close();
    throw error;
  }
}
