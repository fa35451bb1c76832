import { lutimes } from "node:fs/promises";
import { dirname } from "node:path";
import type { Header } from "tar-stream";
import { SMALL_FILE, writeTo, writeToNow } from "./file_access.ts";
import { SparseWriter } from "./sparse_writer.ts";
import { SPARSE_RECORD } from "./tar_header.ts";
import { type TreeAttributes, TreeFolders, type TreeFoldersOptions } from "./tree_folders.ts";

/** How an archive is unpacked. */
export interface UnpackingOptions extends TreeFoldersOptions {
  /** Keep setuid, setgid and sticky bits. @default false */
  readonly keepSpecialModes?: boolean | undefined;
}

/**
 * Puts the entries of an archive into a folder, one after the other.
 *
 * No name leaves the folder: absolute names, `..`, and names that lead through a symbolic link are
 * refused, unless the link was there before and may be followed. What was there under a name is
 * replaced; a folder only by a folder, or if it is empty. The archive may come from a host that
 * is not trusted any more.
 */
export class TreeUnpacking implements AsyncDisposable {
  readonly #folders: TreeFolders;
  readonly #modes: number;
  #isEmpty = true;
  #rootIsFile = false;

  /** `root` is absolute. */
  constructor(root: string, options: UnpackingOptions = {}) {
    this.#folders = new TreeFolders(root, options);
    this.#modes = options.keepSpecialModes ? 0o7777 : 0o777;
  }

  /** Makes what `header` describes. */
  async add(header: Header, content: AsyncIterable<Uint8Array>): Promise<void> {
    const name = this.#folders.nameOf(header.name);
    switch (header.type) {
      case "directory":
        await this.#addFolder(name, header);
        break;
      case "file":
      case "contiguous-file":
        await this.#addFile(name, header, content);
        break;
      case "symlink":
        await this.#addSymlink(name, header);
        break;
      case "link":
        await this.#addLink(name, header);
        break;
      default:
        throw this.#folders.refusal(header.name, `a ${header.type} cannot be made`);
    }
    this.#isEmpty = false;
  }

  /** Sets modes and times of folders; makes the folder if nothing was added. */
  async finish(): Promise<void> {
    if (!this.#rootIsFile) await this.#folders.make("");
    await this.#folders.finish();
  }

  /** Closes what is open, and protects again what was protected before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folders[Symbol.asyncDispose]();
  }

  async #addFolder(name: string, header: Header): Promise<void> {
    await this.#folders.make(name);
    this.#folders.setAttributes(name, this.#attributesOf(header));
  }

  async #addFile(
    name: string,
    header: Header,
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    if (name === "") await this.#prepareRootFile();
    else await this.#folders.makeParent(name);
    const { mode, mtime } = this.#attributesOf(header);
    const isSmall = (header.size ?? Infinity) <= SMALL_FILE;
    using file = await this.#replacing(name, (path) => openNew(path, isSmall));
    const path = this.#folders.pathOf(name);
    if (isSmall) {
      for await (const chunk of content) writeToNow(file, chunk, path);
    } else if (recordOf(header, SPARSE_RECORD) === undefined) {
      for await (const chunk of content) await writeTo(file, chunk, path);
    } else {
      await writeSparse(file, content, path);
    }
    Deno.chmodSync(path, mode);
    file.utimeSync(mtime, mtime);
  }

  async #addSymlink(name: string, header: Header): Promise<void> {
    this.#refuseAsRoot(name, header);
    await this.#folders.makeParent(name);
    await this.#replacing(name, (path) => Deno.symlink(header.linkname ?? "", path));
    await this.#folders.noteLink(name);
    const { mtime } = this.#attributesOf(header);
    await lutimes(this.#folders.pathOf(name), mtime, mtime);
  }

  async #addLink(name: string, header: Header): Promise<void> {
    this.#refuseAsRoot(name, header);
    const target = this.#folders.nameOf(header.linkname ?? "");
    await this.#folders.makeParent(target);
    await this.#folders.makeParent(name);
    await this.#replacing(name, (path) => linkOrCopy(this.#folders.linkedPathOf(target), path));
    await this.#folders.noteLink(name);
  }

  /** Makes something new at the path of `name`; what is in its way is removed. */
  async #replacing<T>(name: string, make: (path: string) => Promise<T>): Promise<T> {
    try {
      return await make(this.#folders.pathOf(name));
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    const path = this.#folders.pathOf(name);
    const { isDirectory } = await Deno.lstat(path);
    if (isDirectory && !await isEmpty(path)) {
      throw this.#folders.refusal(name, "a folder that is not empty is in its way");
    }
    await Deno.remove(path);
    if (isDirectory) this.#folders.forget();
    return await make(this.#folders.pathOf(name));
  }

  async #prepareRootFile(): Promise<void> {
    if (!this.#isEmpty) throw this.#folders.refusal(".", "the archive has other entries before it");
    this.#rootIsFile = true;
    await Deno.mkdir(dirname(this.#folders.pathOf("")), { recursive: true });
  }

  #refuseAsRoot(name: string, header: Header): void {
    if (name === "") throw this.#folders.refusal(header.name, "a link cannot be the folder itself");
  }

  #attributesOf(header: Header): TreeAttributes {
    const { mode = 0, mtime = new Date(0) } = header;
    // tar-stream leaves the time with parts of a second to its user.
    const seconds = Number(recordOf(header, "mtime") ?? NaN);
    return {
      mode: mode & this.#modes,
      mtime: Number.isFinite(seconds) ? new Date(seconds * 1000) : mtime,
    };
  }
}

/** A pax record of an entry. */
function recordOf({ pax }: Header, key: string): string | undefined {
  return (pax as Record<string, string> | null | undefined)?.[key];
}

// deno-lint-ignore require-await -- what fails is to reject, not to throw
async function openNew(path: string, isSmall: boolean): Promise<Deno.FsFile> {
  const options = { write: true, createNew: true };
  return isSmall ? Deno.openSync(path, options) : Deno.open(path, options);
}

async function writeSparse(
  file: Deno.FsFile,
  content: AsyncIterable<Uint8Array>,
  path: string,
): Promise<void> {
  const writer = new SparseWriter(file, path);
  for await (const chunk of content) await writer.write(chunk);
  await writer.end();
}

/** Another name for a file; a copy where the file system gives it none. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw error;
    if (!(await Deno.lstat(from)).isFile) throw error;
    await Deno.copyFile(from, to);
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  for await (const _ of Deno.readDir(folder)) return false;
  return true;
}
