import { dirname } from "node:path";
import type { Header } from "tar-stream";
import { SMALL_FILE, writeTo, writeToNow } from "./file_access.ts";

/** Permission bits and time of a folder, which are set once its content is there. */
interface FolderAttributes {
  readonly mode: number;
  readonly mtime: Date;
}

/**
 * Puts the entries of an archive into a folder, one after the other.
 *
 * No name leaves the folder: absolute names, `..`, and names that lead through a symbolic link are
 * refused. What was there under a name is replaced; a folder only by a folder, or if it is empty.
 * The archive may come from a host that nobody trusts any more.
 */
export class TreeUnpacking {
  readonly #root: string;
  /** Relative paths that are known to be folders, and not links to some. */
  readonly #folders = new Set<string>();
  /** By relative path, those above before those in them. */
  readonly #attributes = new Map<string, FolderAttributes>();
  #rootIsFile = false;

  /** `root` is absolute. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Makes what `header` describes. */
  async add(header: Header, content: AsyncIterable<Uint8Array>): Promise<void> {
    const name = this.#checkedName(header.name);
    if (name !== "") await this.#makeFolder(dirname(name) === "." ? "" : dirname(name));
    switch (header.type) {
      case "directory":
        return await this.#addFolder(name, header);
      case "file":
      case "contiguous-file":
        return await this.#addFile(name, header, content);
      case "symlink":
        return await this.#addSymlink(name, header);
      case "link":
        return await this.#addLink(name, header);
      default:
        throw this.#refusal(header.name, `a ${header.type} cannot be made`);
    }
  }

  /** Sets modes and times of folders, the innermost first; makes the folder if nothing was added. */
  async finish(): Promise<void> {
    if (!this.#rootIsFile) await this.#makeFolder("");
    for (const [name, { mode, mtime }] of [...this.#attributes].reverse()) {
      const path = this.#path(name);
      // Both follow links, and a later entry may have put one in the place of an empty folder.
      if (!(await Deno.lstat(path)).isDirectory) continue;
      await Deno.chmod(path, mode);
      await Deno.utime(path, mtime, mtime);
    }
  }

  async #addFolder(name: string, header: Header): Promise<void> {
    await this.#makeFolder(name);
    this.#attributes.set(name, attributes(header));
  }

  async #addFile(
    name: string,
    header: Header,
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const path = this.#path(name);
    if (name === "") await this.#prepareRootFile();
    const { mode, mtime } = attributes(header);
    const isSmall = (header.size ?? Infinity) <= SMALL_FILE;
    using file = await this.#replacing(name, () => openNew(path, isSmall));
    for await (const chunk of content) {
      if (isSmall) writeToNow(file, chunk, path);
      else await writeTo(file, chunk, path);
    }
    Deno.chmodSync(path, mode);
    file.utimeSync(mtime, mtime);
  }

  async #addSymlink(name: string, header: Header): Promise<void> {
    if (name === "") throw this.#refusal(header.name, "a link cannot be the folder itself");
    const path = this.#path(name);
    await this.#replacing(name, () => Deno.symlink(header.linkname, path));
    const { mtime } = attributes(header);
    // Loaded for the first link: at once, it would be a tenth of what an agent takes to start.
    const { lutimes } = await import("node:fs/promises");
    await lutimes(path, mtime, mtime);
  }

  async #addLink(name: string, header: Header): Promise<void> {
    if (name === "") throw this.#refusal(header.name, "a link cannot be the folder itself");
    const target = this.#checkedName(header.linkname);
    await this.#makeFolder(dirname(target) === "." ? "" : dirname(target));
    await this.#replacing(name, () => Deno.link(this.#path(target), this.#path(name)));
  }

  /** Makes something new; what is in its way is removed. */
  async #replacing<T>(name: string, make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    const { isDirectory } = await Deno.lstat(this.#path(name));
    await Deno.remove(this.#path(name));
    // All of them, for where case does not matter, this folder may be known by another name.
    if (isDirectory) this.#folders.clear();
    return await make();
  }

  /** Makes a folder and those above it, down from the root. */
  async #makeFolder(name: string): Promise<void> {
    if (this.#folders.has(name)) return;
    if (name === "") {
      await Deno.mkdir(this.#root, { recursive: true });
    } else {
      const parent = dirname(name);
      await this.#makeFolder(parent === "." ? "" : parent);
      await this.#makeOneFolder(name);
    }
    this.#folders.add(name);
  }

  async #makeOneFolder(name: string): Promise<void> {
    const path = this.#path(name);
    try {
      return await Deno.mkdir(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    const info = await Deno.lstat(path);
    if (info.isSymlink) throw this.#refusal(name, "it leads through a symbolic link");
    if (!info.isDirectory) throw this.#refusal(name, "a file is in the way of a folder");
  }

  async #prepareRootFile(): Promise<void> {
    if (this.#folders.size > 0) throw this.#refusal(".", "the archive has other entries before it");
    this.#rootIsFile = true;
    await Deno.mkdir(dirname(this.#root), { recursive: true });
  }

  #path(name: string): string {
    return name === "" ? this.#root : `${this.#root}/${name}`;
  }

  #checkedName(name: string): string {
    if (name.startsWith("/")) throw this.#refusal(name, "it is absolute");
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw this.#refusal(name, "it leaves the folder");
    return parts.join("/");
  }

  #refusal(name: string, reason: string): Error {
    return new Deno.errors.InvalidData(`Cannot unpack "${name}" into '${this.#root}': ${reason}`);
  }
}

// deno-lint-ignore require-await -- what fails is to reject, not to throw
async function openNew(path: string, isSmall: boolean): Promise<Deno.FsFile> {
  const options = { write: true, createNew: true };
  return isSmall ? Deno.openSync(path, options) : Deno.open(path, options);
}

function attributes({ mode, mtime, pax }: Header): { mode: number; mtime: Date } {
  // tar-stream leaves the time with parts of a second to its user.
  const seconds = Number((pax as { mtime?: string } | null | undefined)?.mtime ?? NaN);
  return {
    mode: mode & 0o7777,
    mtime: Number.isFinite(seconds) ? new Date(seconds * 1000) : mtime,
  };
}
