import { join } from "node:path/posix";
import { messageOf } from "../../../agent/host/described_error.ts";
import type { HostFiles } from "../../../agent/host/host.ts";
import type { PathPattern, PatternPart } from "./pattern.ts";

/** Files of a node that a test may have, and entries of folders that are looked at for it. */
const [MAX_FILES, MAX_ENTRIES] = [2_000, 50_000];

/** Folders of a depth that only something without an end has. */
const MAX_DEPTH = 64;

/** A file of a node. */
export interface FoundFile {
  /** Absolute, on the node. */
  readonly path: string;
  /** Names of folders, and its own, by which it is recorded. */
  readonly names: readonly string[];
  /** Bytes. */
  readonly size: number;
}

/** A folder of a node that is looked into. */
interface SearchedFolder {
  readonly path: string;
  readonly names: readonly string[];
}

/**
 * Finds the files of a node that patterns mean. Links are not followed: neither to a file nor to a folder.
 * Only where an absolute pattern begins is a path as its author wrote it, whatever it leads to.
 */
export class FileSearch {
  /** By their paths. */
  readonly found = new Map<string, FoundFile>();
  /** The patterns that match a file, or of which an error tells. */
  readonly answered = new Set<string>();
  /** What could not be looked at, or is left out, and why. */
  readonly errors: string[] = [];
  readonly #files: HostFiles;
  readonly #rootDir: string;
  readonly #signal: AbortSignal;
  #entries = 0;
  /** The pattern that is searched for. */
  #pattern = "";

  constructor(
    files: HostFiles,
    { rootDir, signal }: { readonly rootDir: string; readonly signal: AbortSignal },
  ) {
    this.#files = files;
    this.#rootDir = rootDir;
    this.#signal = signal;
  }

  /** Adds the files that a pattern means. */
  async add({ text, isAbsolute, parts }: PathPattern): Promise<void> {
    const { length: errors } = this.errors;
    this.#pattern = text;
    try {
      const [start, rest] = isAbsolute
        ? await this.#absoluteStart(parts)
        : [{ path: this.#rootDir, names: [] }, parts];
      if (rest.length === 0) await this.#addTree(start);
      else await this.#search(start, rest);
    } catch (error) {
      this.#fail(text, error);
    }
    if (this.errors.length > errors) this.answered.add(text);
  }

  /** Where the names of an absolute pattern lead, up to its last one or the first that is none. */
  async #absoluteStart(
    parts: readonly PatternPart[],
  ): Promise<[SearchedFolder, readonly PatternPart[]]> {
    const end = parts.findIndex(({ kind }) => kind !== "name");
    const count = end < 0 ? Math.max(0, parts.length - 1) : end;
    const names = parts.slice(0, count).map((part) => part.kind === "name" ? part.name : "");
    const path = await this.#files.call("realPath", { path: `/${names.join("/")}` }, this.#how);
    return [{ path, names }, parts.slice(count)];
  }

  get #how() {
    return { signal: this.#signal };
  }

  async #search(place: SearchedFolder, [part, ...rest]: readonly PatternPart[]): Promise<void> {
    if (!part) return;
    if (part.kind === "folders") return await this.#searchFolders(place, rest);
    if (part.kind === "name") return await this.#take(below(place, part.name), rest);
    for (const { name, isDirectory } of await this.#list(place)) {
      if (!part.expression.test(name) || rest.length > 0 && !isDirectory) continue;
      await this.#take(below(place, name), rest);
    }
  }

  /** `**`: this folder and all below it; with nothing behind it, all that they have. */
  async #searchFolders(place: SearchedFolder, rest: readonly PatternPart[]): Promise<void> {
    if (rest.length === 0) return await this.#addTree(place);
    await this.#search(place, rest);
    for (const { name, isDirectory } of await this.#list(place)) {
      if (isDirectory) await this.#searchFolders(below(place, name), rest);
    }
  }

  /** Something that matches so far: a file at the end of a pattern, or a folder. */
  async #take(place: SearchedFolder, rest: readonly PatternPart[]): Promise<void> {
    const info = await this.#info(place.path);
    if (!info) return;
    if (info.isSymlink) {
      this.errors.push(`${place.path} is a symbolic link, which is not followed`);
    } else if (info.isDirectory) {
      await (rest.length > 0 ? this.#search(place, rest) : this.#addTree(place));
    } else if (rest.length === 0 && info.isFile) this.#addFile(place, info.size);
  }

  /** All files of a folder; what is no file is left out, as a download leaves it out. */
  async #addTree(place: SearchedFolder): Promise<void> {
    for (const { name, isDirectory, isFile } of await this.#list(place)) {
      const inner = below(place, name);
      if (isDirectory) await this.#addTree(inner);
      else if (isFile) this.#addFile(inner, (await this.#info(inner.path))?.size ?? 0);
    }
  }

  #addFile({ path, names }: SearchedFolder, size: number): void {
    if (this.found.size >= MAX_FILES && !this.found.has(path)) {
      throw new RangeError(`there are more than ${MAX_FILES} files`);
    }
    this.found.set(path, { path, names, size });
    this.answered.add(this.#pattern);
  }

  /** The entries of a folder; none where there is no folder any more, or it cannot be read. */
  async #list({ path, names }: SearchedFolder): Promise<Deno.DirEntry[]> {
    this.#signal.throwIfAborted();
    if (names.length > MAX_DEPTH) throw new RangeError(`folders are nested too deeply at ${path}`);
    const entries = await this.#unlessMissing(path, this.#files.call("list", { path }, this.#how));
    this.#entries += entries?.length ?? 0;
    if (this.#entries > MAX_ENTRIES) {
      throw new RangeError(`there are more than ${MAX_ENTRIES} entries to look at`);
    }
    return entries?.filter(({ name }) => isName(name)).sort(byName) ?? [];
  }

  #info(path: string): Promise<Deno.FileInfo | undefined> {
    this.#signal.throwIfAborted();
    return this.#unlessMissing(path, this.#files.call("lstat", { path }, this.#how));
  }

  async #unlessMissing<T>(path: string, looking: Promise<T>): Promise<T | undefined> {
    try {
      return await looking;
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      if (["NotFound", "NotADirectory"].includes(error.name)) return undefined;
      if (error.name !== "PermissionDenied") throw error;
      this.#fail(path, error);
    }
  }

  #fail(what: string, error: unknown): void {
    const [line] = messageOf(error).split("\n");
    this.errors.push(`${what}: ${line}`);
  }
}

function below({ path, names }: SearchedFolder, name: string): SearchedFolder {
  return { path: join(path, name), names: [...names, name] };
}

/** A node says what its names are: no path of the runner is made of anything else. */
function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}

function byName({ name: one }: Deno.DirEntry, { name: other }: Deno.DirEntry): number {
  return one < other ? -1 : 1;
}
