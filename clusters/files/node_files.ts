import type { FileOperation, FileOperations } from "../../agent/host/host.ts";
import { betweenNodes } from "./between_nodes.ts";
import { checkContent, checkText, readContent, writeContent } from "./file_content.ts";
import {
  CHOWN_KINDS,
  DOWNLOAD_KINDS,
  DOWNLOAD_URL_KINDS,
  MKDIR_KINDS,
  MODE_KIND,
  OPEN_KINDS,
  REMOVE_KINDS,
  TEMP_KINDS,
  WRITE_KINDS,
} from "./option_kinds.ts";
import { NodeFile } from "./node_file.ts";
import { nodePathText } from "./node_path.ts";
import { AuthorCall, type NodeCallOptions, type NodeContext } from "../calls/mod.ts";
import type { DownloadUrlOptions, NodeDownloadOptions } from "./download_options.ts";
import { type ChownArguments, type ChownOptions, chownOptionsOf, ownerOf } from "./owner_of.ts";
import { emittedTransfer, publicUrl } from "./transfer_events.ts";
import { atCaller, valueKind } from "../options/mod.ts";

/**
 * The files of a node, with the names, shapes and errors that `Deno` has for those of this machine.
 * Relative paths begin at the node's `rootDir`.
 *
 * `Node` extends it: the two dozen members for files are a class of their own.
 */
export abstract class NodeFiles {
  readonly #context: NodeContext;

  /** @ignore */
  constructor(context: NodeContext) {
    this.#context = context;
  }

  /** Reads a whole file. */
  async readFile(path: string, options?: NodeCallOptions): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#read(new AuthorCall(this.readFile, { of: [path], options }), path);
  }

  /**
   * Reads a whole file as text.
   *
   * ```ts
   * import { rejects, strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await node.writeTextFile("greetings/hello.txt", "Hello!");
   * strictEqual(await node.readTextFile("greetings/hello.txt"), "Hello!");
   * await rejects(node.readTextFile("missing"), Deno.errors.NotFound);
   * ```
   */
  async readTextFile(path: string, options?: NodeCallOptions): Promise<string> {
    const call = new AuthorCall(this.readTextFile, { of: [path], options });
    // A byte order mark is content: a file that is read and written back must not change.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.#read(call, path));
  }

  /**
   * Writes a file from bytes or from a stream, and makes its parent folders. Resolves once the file
   * is complete on the node. Aborting leaves what was written so far; so does a stream that fails,
   * with whose error this rejects.
   */
  async writeFile(
    path: string,
    data: Uint8Array | ReadableStream<Uint8Array>,
    options: Deno.WriteFileOptions = {},
  ): Promise<void> {
    const call = new AuthorCall(this.writeFile, { of: [path], options, kinds: WRITE_KINDS });
    await this.#write(call, path, { data, options });
  }

  /** Writes a file from text, or from a stream of it; as {@linkcode NodeFiles.writeFile}. */
  async writeTextFile(
    path: string,
    data: string | ReadableStream<string>,
    options: Deno.WriteFileOptions = {},
  ): Promise<void> {
    const call = new AuthorCall(this.writeTextFile, { of: [path], options, kinds: WRITE_KINDS });
    call.check(() => checkText(data));
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data.pipeThrough(new TextEncoderStream());
    await this.#write(call, path, { data: bytes, options });
  }

  /** Opens a file for reads and writes at any position. @default { read: true } */
  async open(
    path: string,
    options: Deno.OpenOptions & NodeCallOptions = { read: true },
  ): Promise<NodeFile> {
    const call = new AuthorCall(this.open, { of: [path], options, kinds: OPEN_KINDS });
    return await this.#open(call, path, options);
  }

  /** Opens a file for reading and writing; it is made, or emptied if it exists. */
  async create(path: string, options?: NodeCallOptions): Promise<NodeFile> {
    const call = new AuthorCall(this.create, { of: [path], options });
    const mode = { read: true, write: true, create: true, truncate: true };
    return await this.#open(call, path, mode);
  }

  /** Makes a folder, with its parents if `recursive`. */
  async mkdir(path: string, options: Deno.MkdirOptions & NodeCallOptions = {}): Promise<void> {
    const call = new AuthorCall(this.mkdir, { of: [path], options, kinds: MKDIR_KINDS });
    const { signal: _signal, ...rest } = options;
    await this.#call(call, "mkdir", { path, ...rest });
  }

  /** Information about a file or folder; links are followed. */
  async stat(path: string, options?: NodeCallOptions): Promise<Deno.FileInfo> {
    const call = new AuthorCall(this.stat, { of: [path], options });
    return await this.#call(call, "stat", { path });
  }

  /** Information about a file, a folder or a link itself. */
  async lstat(path: string, options?: NodeCallOptions): Promise<Deno.FileInfo> {
    const call = new AuthorCall(this.lstat, { of: [path], options });
    return await this.#call(call, "lstat", { path });
  }

  /**
   * The entries of a folder, in no order.
   *
   * ```ts
   * import { deepStrictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await node.writeTextFile("logs/one.log", "");
   * const names = await Array.fromAsync(node.readDir("logs"), (entry) => entry.name);
   * deepStrictEqual(names, ["one.log"]);
   * ```
   */
  async *readDir(
    path: string,
    options?: NodeCallOptions,
  ): AsyncGenerator<Deno.DirEntry, void, undefined> {
    const call = new AuthorCall(this.readDir, { of: [path], options });
    for (const entry of await this.#call(call, "list", { path })) {
      options?.signal?.throwIfAborted();
      yield entry;
    }
  }

  /** Where a symbolic link points to. */
  async readLink(path: string, options?: NodeCallOptions): Promise<string> {
    const call = new AuthorCall(this.readLink, { of: [path], options });
    return await this.#call(call, "readLink", { path });
  }

  /** Makes a symbolic link at `newpath` that points to `oldpath`. */
  async symlink(oldpath: string, newpath: string, options?: NodeCallOptions): Promise<void> {
    const call = new AuthorCall(this.symlink, { of: [oldpath, newpath], options });
    await this.#call(call, "symlink", { target: oldpath, path: newpath });
  }

  /** The absolute path, with every symbolic link resolved. */
  async realPath(path: string, options?: NodeCallOptions): Promise<string> {
    const call = new AuthorCall(this.realPath, { of: [path], options });
    return await this.#call(call, "realPath", { path });
  }

  /** Renames a file or folder; an existing file at `newpath` is replaced. */
  async rename(oldpath: string, newpath: string, options?: NodeCallOptions): Promise<void> {
    const call = new AuthorCall(this.rename, { of: [oldpath, newpath], options });
    await this.#call(call, "rename", { from: oldpath, to: newpath });
  }

  /** Copies a file on the node, with its permissions. */
  async copyFile(fromPath: string, toPath: string, options?: NodeCallOptions): Promise<void> {
    const call = new AuthorCall(this.copyFile, { of: [fromPath, toPath], options });
    await this.#call(call, "copy", { from: fromPath, to: toPath });
  }

  /** Removes a file, an empty folder, or with `recursive` a folder and all that is in it. */
  async remove(path: string, options: Deno.RemoveOptions & NodeCallOptions = {}): Promise<void> {
    const call = new AuthorCall(this.remove, { of: [path], options, kinds: REMOVE_KINDS });
    await this.#call(call, "remove", { path, recursive: options.recursive ?? false });
  }

  /** Changes the permissions: `0o755` and the like. */
  async chmod(path: string, mode: number, options?: NodeCallOptions): Promise<void> {
    const call = new AuthorCall(this.chmod, { of: [path], options });
    call.check(() => checkMode(call, mode));
    await this.#call(call, "chmod", { path, mode });
  }

  /**
   * Changes the owner: by numbers, as `Deno.chown` does (`null` leaves one as it is), or by names in the
   * node's `/etc/passwd` and `/etc/group`, as the program `chown` does. `"postgres"` changes the user
   * alone, `":adm"` the group, `"postgres:adm"` both, and `"postgres:"` both, to the user's own group.
   * A link is followed, except for those in a folder whose owner is changed with `recursive`.
   *
   * Only root can give files away: the node's agent has to be root, as for the option `user` of `run`.
   * Rejects with `NotFound` when the path does not exist, or the node has no such user or group.
   *
   * ```ts
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await node.mkdir("data");
   * if (Deno.uid() === 0) {
   *   await node.chown("data", "nobody");
   *   await node.run("touch", ["data/mine"], { user: "nobody" });
   * }
   * ```
   */
  async chown(path: string, owner: string, options?: ChownOptions): Promise<void>;
  /** The same, by numbers. */
  async chown(
    path: string,
    uid: number | null,
    gid: number | null,
    options?: ChownOptions,
  ): Promise<void>;
  async chown(path: string, ...args: ChownArguments): Promise<void> {
    const options = chownOptionsOf(args);
    const call = new AuthorCall(this.chown, { of: [path, args[0]], options, kinds: CHOWN_KINDS });
    const owner = ownerOf(path, args);
    await this.#call(call, "chown", { path, owner, recursive: options.recursive ?? false });
  }

  /** Makes a folder with a name that nothing else has; resolves to its absolute path. */
  async makeTempDir(options: Deno.MakeTempOptions & NodeCallOptions = {}): Promise<string> {
    const call = new AuthorCall(this.makeTempDir, { options, kinds: TEMP_KINDS });
    const { signal: _signal, ...rest } = options;
    return await this.#call(call, "makeTemp", { kind: "directory", ...rest });
  }

  /** Makes an empty file with a name that nothing else has; resolves to its absolute path. */
  async makeTempFile(options: Deno.MakeTempOptions & NodeCallOptions = {}): Promise<string> {
    const call = new AuthorCall(this.makeTempFile, { options, kinds: TEMP_KINDS });
    const { signal: _signal, ...rest } = options;
    return await this.#call(call, "makeTemp", { kind: "file", ...rest });
  }

  /**
   * Sends a file or a whole folder of this machine to the node. Modes, times of change and symbolic
   * links are kept; hard links, too, among the files of a folder. Resolves once all is complete on
   * the node. It needs read permission here. Read-only files on the node are replaced, if its user owns
   * them.
   *
   * The content of a folder goes into the folder `path`, which is made if necessary, and takes the mode and
   * the time of the folder that is sent. Existing files stay, unless one of the same name is sent. Where a
   * folder is sent and the node has a symbolic link to a folder, as `/lib` is in many images, the link is
   * followed; on nodes that are confined to their `rootDir` only inside of it.
   *
   * Names are compared before the first byte is written: if a file is in the way of a folder, or a folder
   * that is not empty in the way of a file, this rejects with `Deno.errors.InvalidData`, and nothing was
   * changed. After failures that cannot be foreseen, such as a full disk or an unreadable file, what was
   * written so far stays.
   *
   * Special things in a folder:
   *
   * - Pipes (FIFOs), sockets and devices are left out, and so are files that vanish meanwhile. A name that
   *   is not UTF-8 is an error, `Deno.errors.InvalidData`.
   * - A file that grows meanwhile arrives with the size that it had when its turn came; one that is truncated
   *   arrives truncated.
   * - A file whose size is 0 is read to its end, up to 64 MiB, since files of `/proc` and `/sys` have
   *   content nevertheless. Some of those cannot be read, and the first one fails the call: send the files
   *   that you need, and not `/proc` or `/sys` as a whole.
   * - A sparse file of more than 64 KiB arrives sparse, but its holes are sent as zeros.
   * - Folders may be nested to any depth, up to paths of 64 KiB; where a side does not run Linux, up to the
   *   limit of its system.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { join } from "node:path";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * const dir = await Deno.makeTempDir();
   * await Deno.writeTextFile(join(dir, "server.conf"), "port = 80");
   * await node.upload(dir, "etc");
   * strictEqual(await node.readTextFile("etc/server.conf"), "port = 80");
   * await node.download("etc", join(dir, "back"));
   * strictEqual(await Deno.readTextFile(join(dir, "back/server.conf")), "port = 80");
   * await Deno.remove(dir, { recursive: true });
   * ```
   */
  async upload(localPath: string, path: string, options?: NodeCallOptions): Promise<void> {
    const call = new AuthorCall(this.upload, { of: [localPath, path], options });
    await this.#context.life.during(call, async (signal) => {
      // Loaded when it is needed: the module of archives is large, and many tests send none.
      const { upload } = await import("./transfers.ts");
      await upload(this.#context, localPath, path, signal);
    });
  }

  /**
   * Brings a file or a whole folder of the node to this machine; as {@linkcode NodeFiles.upload},
   * with all that is said there of special things, except that:
   *
   * - setuid, setgid and sticky bits are not kept, so that no program of a node can run here with the
   *   rights of the user who fetched it, unless `dangerouslyKeepSpecialModes` says otherwise;
   * - no symbolic link is followed where a folder arrives, since a node may have made the link.
   */
  async download(
    path: string,
    localPath: string,
    options: NodeDownloadOptions = {},
  ): Promise<void> {
    const { dangerouslyKeepSpecialModes: keepSpecialModes = false } = options;
    const call = new AuthorCall(this.download, {
      of: [path, localPath],
      options,
      kinds: DOWNLOAD_KINDS,
    });
    await this.#context.life.during(call, async (signal) => {
      const { download } = await import("./transfers.ts");
      await download(this.#context, { path, localPath, keepSpecialModes }, signal);
    });
  }

  /**
   * Copies a file or a whole folder of the node to another node, of any cluster and backend, or to
   * another path of the same one. The bytes stream through this machine, and are not stored on its disk.
   * What is kept, what happens to existing files, and special files are as with
   * {@linkcode NodeFiles.upload}, except that setuid, setgid and sticky bits are not kept, unless
   * `dangerouslyKeepSpecialModes` says otherwise.
   *
   * Errors name both nodes and both paths, and say which node has failed. When the call is aborted, or a
   * node is lost, what was written so far stays. Copying something onto or into itself on one node is an
   * error, `Deno.errors.InvalidData`; between nodes that share a disk it cannot be noticed.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const [primary, standby] = await cluster.addNodes(2);
   * await primary.writeTextFile("data/log", "first entry");
   * await primary.copyTo("data", standby, "backup");
   * strictEqual(await standby.readTextFile("backup/log"), "first entry");
   * ```
   */
  async copyTo(
    path: string,
    other: NodeFiles,
    otherPath: string,
    options: NodeDownloadOptions = {},
  ): Promise<void> {
    atCaller(this.copyTo, () => checkTarget(path, other));
    const from = { context: this.#context, path };
    const to = { context: other.#context, path: otherPath };
    const of = [from, to].map(nodePathText);
    const call = new AuthorCall(this.copyTo, { of, options, kinds: DOWNLOAD_KINDS });
    const { dangerouslyKeepSpecialModes: keepSpecialModes = false, signal: givenUp } = options;
    const { signal: lost } = this.#context.life;
    const signals = givenUp ? [givenUp, lost] : [lost];
    const there = new AuthorCall(this.copyTo, { of, signal: AbortSignal.any(signals) });
    await betweenNodes({ from: from.context, to: to.context, call, there }, async (signal) => {
      const { copyBetween } = await import("./copy_between.ts");
      await copyBetween(from, to, { keepSpecialModes, signal });
    });
  }

  /** Has the node itself fetch an `http:` or `https:` URL into a file. */
  async downloadUrl(
    url: string | URL,
    path: string,
    options: DownloadUrlOptions = {},
  ): Promise<void> {
    const call = new AuthorCall(this.downloadUrl, {
      of: [publicUrl(url), path],
      options,
      kinds: DOWNLOAD_URL_KINDS,
    });
    const { sha256 } = options;
    call.check(() => checkHash(sha256));
    const { life, host } = this.#context;
    await life.during(call, async (signal) => {
      const expected = sha256?.toLowerCase();
      const about = { member: "downloadUrl", path, other: publicUrl(url) } as const;
      await emittedTransfer(this.#context, about, async (count) => {
        const how = { sha256: expected, signal };
        count((await host().files.download(String(url), path, how)).size);
      });
    });
  }

  #read(call: AuthorCall, path: string): Promise<Uint8Array<ArrayBuffer>> {
    const { life, host } = this.#context;
    return life.during(call, async (signal) => {
      const source = await host().files.read(path, { signal });
      const about = { member: "readFile", path } as const;
      return await emittedTransfer(this.#context, about, (onChunk) => {
        return readContent(source, { signal, onChunk });
      });
    });
  }

  #write(
    call: AuthorCall,
    path: string,
    { data, options }: {
      readonly data: Uint8Array | ReadableStream<Uint8Array>;
      readonly options: Deno.WriteFileOptions;
    },
  ): Promise<void> {
    call.check(() => checkContent(data));
    const { life, host } = this.#context;
    return life.during(call, async (signal) => {
      const target = await host().files.write(path, { ...options, signal });
      const about = { member: "writeFile", path } as const;
      await emittedTransfer(this.#context, about, (onChunk) => {
        return writeContent(target, data, { signal, onChunk });
      });
    });
  }

  async #open(call: AuthorCall, path: string, options: Deno.OpenOptions): Promise<NodeFile> {
    const { life, host } = this.#context;
    const file = await life.during(
      call,
      (signal) => host().files.open(path, { ...options, signal }),
    );
    return new NodeFile(file, life);
  }

  #call<O extends FileOperation>(
    call: AuthorCall,
    operation: O,
    args: FileOperations[O]["args"],
  ): Promise<FileOperations[O]["result"]> {
    const { life, host } = this.#context;
    return life.during(call, (signal) => host().files.call(operation, args, { signal }));
  }
}

/** Throws unless what is copied to is a node. */
function checkTarget(path: string, other: unknown): void {
  if (other instanceof NodeFiles) return;
  throw new TypeError(`Cannot copy "${path}" to ${valueKind(other)}: it is no node`);
}

function checkHash(sha256: string | undefined): void {
  if (sha256 === undefined || /^[0-9a-f]{64}$/i.test(sha256)) return;
  throw new TypeError(`Cannot check a download: "${sha256}" is not a SHA-256 in hexadecimal`);
}

/** Permissions are no option of `chmod`, but have to be as those of other members. */
function checkMode({ name }: AuthorCall, mode: unknown): void {
  if (MODE_KIND.is(mode)) return;
  const { description } = MODE_KIND;
  throw new TypeError(
    `Cannot call ${name}: mode must be ${description}, not ${Deno.inspect(mode)}`,
  );
}
