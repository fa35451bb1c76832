import type { CallOptions } from "./call_options.ts";

/** The operations on names and attributes: what each takes, and what it resolves to. */
export interface FileOperations {
  /** What is known of a file; links are followed. */
  stat: { args: { path: string }; result: Deno.FileInfo };
  /** What is known of a file or link. */
  lstat: { args: { path: string }; result: Deno.FileInfo };
  /** The entries of a folder. */
  list: { args: { path: string }; result: Deno.DirEntry[] };
  /** Makes a folder. */
  mkdir: { args: { path: string; recursive?: boolean; mode?: number }; result: void };
  /** Removes a file or folder. */
  remove: { args: { path: string; recursive?: boolean }; result: void };
  /** Renames a file or folder. */
  rename: { args: { from: string; to: string }; result: void };
  /** Copies a file, with its permissions. */
  copy: { args: { from: string; to: string }; result: void };
  /** Changes permissions. */
  chmod: { args: { path: string; mode: number }; result: void };
  /**
   * Changes the owner: `USER`, `USER:`, `:GROUP` or `USER:GROUP`, each a name or a number. With
   * `recursive`, of all that is in a folder, too: of links themselves, not of what they lead to.
   */
  chown: { args: { path: string; owner: string; recursive?: boolean }; result: void };
  /** Makes a symbolic link at `path` that points to `target`. */
  symlink: { args: { target: string; path: string }; result: void };
  /** Where a symbolic link points to. */
  readLink: { args: { path: string }; result: string };
  /** The absolute path without links. */
  realPath: { args: { path: string }; result: string };
  /** Makes a file or folder with a new name; the result is its path. */
  makeTemp: {
    args: { kind: "file" | "directory"; dir?: string; prefix?: string; suffix?: string };
    result: string;
  };
}

/** The name of one of {@linkcode FileOperations}. */
export type FileOperation = keyof FileOperations;

/** Files: names and attributes by `call`, contents by streams. */
export interface HostFiles {
  /** Does one of {@linkcode FileOperations}. */
  call<O extends FileOperation>(
    operation: O,
    args: FileOperations[O]["args"],
    options?: CallOptions,
  ): Promise<FileOperations[O]["result"]>;
  /** Opens a file for reading from its start; rejects before any byte when it cannot be opened. */
  read(path: string, options?: CallOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Opens a file for writing, making its parent folders. Closing the stream resolves once the file
   * is complete on the node; aborting it leaves what was written so far.
   */
  write(path: string, options?: WriteOptions): Promise<WritableStream<Uint8Array>>;
  /** Opens a file for reads and writes at any position. */
  open(path: string, options?: OpenOptions): Promise<HostFile>;
  /** A file or folder as a tar archive: names relative to it, modes and links kept. */
  readTree(path: string, options?: CallOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Unpacks a tar archive into a folder, which it makes; names that leave the folder are refused. A
   * symbolic link to a folder that was there before is followed, one of the archive is not.
   */
  writeTree(path: string, options?: WriteTreeOptions): Promise<WritableStream<Uint8Array>>;
  /** Fetches an `http:` or `https:` URL into a file, from the host itself. */
  download(url: string, path: string, options?: DownloadOptions): Promise<DownloadResult>;
}

/** How a file is written; as in `Deno.writeFile`. */
export interface WriteOptions extends CallOptions {
  /** Write behind what is there. @default false */
  readonly append?: boolean | undefined;
  /** Make the file if it is missing. @default true */
  readonly create?: boolean | undefined;
  /** Fail with `AlreadyExists` if it exists. @default false */
  readonly createNew?: boolean | undefined;
  /** Permission bits, before the host's umask is applied to a new file. */
  readonly mode?: number | undefined;
  /** Replaces also the content of a file that its mode keeps its owner from writing. @default false */
  readonly copy?: boolean | undefined;
  /** Leaves holes where there would be zeros. @default false */
  readonly sparse?: boolean | undefined;
}

/** How an archive is unpacked. */
export interface WriteTreeOptions extends CallOptions {
  /** Keep setuid, setgid and sticky bits. @default true */
  readonly keepSpecialModes?: boolean | undefined;
}

/** How a file is opened; as in `Deno.open`. */
export type OpenOptions = CallOptions & Deno.OpenOptions;

/** How a URL is fetched into a file. */
export interface DownloadOptions extends CallOptions {
  /** Lower-case hexadecimal digest that the content must have; otherwise no file is left behind. */
  readonly sha256?: string | undefined;
}

/** What a download brought. */
export interface DownloadResult {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal digest of the content. */
  readonly sha256: string;
}

/** An open file. Calls are done in the order in which they were made. */
export interface HostFile extends AsyncDisposable {
  /** Up to `length` bytes from the current position, or `null` at the end of the file. */
  read(length: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Writes all of `data` at the current position. */
  write(data: Uint8Array): Promise<void>;
  /** Resolves to the new position, in bytes from the start. */
  seek(offset: number | bigint, whence: Deno.SeekMode): Promise<number>;
  /** What is known of the file. */
  stat(): Promise<Deno.FileInfo>;
  /** Cuts or extends it. @default 0 bytes */
  truncate(length?: number): Promise<void>;
  /** Flushes data and metadata to the disk. */
  sync(): Promise<void>;
  /** Closes it. Idempotent. */
  close(): Promise<void>;
}
