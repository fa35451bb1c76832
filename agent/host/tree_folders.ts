import { dirname } from "node:path";
import { DeepPaths } from "./deep_paths.ts";
import { identityOf, leadsThrough } from "./link_way.ts";

/** Permission bits and time of something in a tree. */
export interface TreeAttributes {
  readonly mode: number;
  readonly mtime: Date;
}

/** What becomes of symbolic links that are in the way of an archive's folders. */
export interface TreeFoldersOptions {
  /**
   * Rejects when the link at a path, which was there before the archive, is not to be followed. Links
   * that the archive brought never are. @default none is followed
   */
  readonly follow?: ((path: string) => Promise<unknown>) | undefined;
}

/**
 * The folders of a tree into which an archive is unpacked: makes those that are missing, lets nothing
 * leave the tree, and gives each its mode and time when all is there.
 */
export class TreeFolders implements AsyncDisposable {
  readonly #root: string;
  readonly #paths: DeepPaths;
  /** The same for what hard links lead to: a path is good until the next one. */
  readonly #linkedPaths: DeepPaths;
  readonly #follow: TreeFoldersOptions["follow"];
  /** The one that was made or entered last: it is one, and so are those that it is in. */
  #known: string | undefined;
  /** Identities of the symbolic links that came with the archive. */
  readonly #links = new Set<string>();
  /** By relative path, those above before those in them; set once their content is there. */
  readonly #attributes = new Map<string, TreeAttributes>();
  /** Modes of folders that were there, and kept their owner from changing them. */
  readonly #unlocked = new Map<string, number>();

  /** `root` is absolute. */
  constructor(root: string, { follow }: TreeFoldersOptions = {}) {
    this.#root = root;
    this.#paths = new DeepPaths(root);
    this.#linkedPaths = new DeepPaths(root);
    this.#follow = follow;
  }

  /** The relative name of an entry, without what does not belong into one; throws when it leads out. */
  nameOf(name: string): string {
    if (name.startsWith("/")) throw this.refusal(name, "it is absolute");
    const bare = name.endsWith("/") ? name.slice(0, -1) : name;
    // Quick, for the names of deep trees are long.
    if (!/(^|\/)\.{0,2}(\/|$)/.test(bare)) return bare;
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw this.refusal(name, "it leaves the folder");
    return parts.join("/");
  }

  /** Where to find `name`, until the next call. */
  pathOf(name: string): string {
    return name === "" ? this.#root : this.#paths.of(name);
  }

  /** The same for the file that a hard link leads to. */
  linkedPathOf(name: string): string {
    return this.#linkedPaths.of(name);
  }

  /** Makes the folder that `name` is in. */
  async makeParent(name: string): Promise<void> {
    if (name !== "") await this.make(parentOf(name));
  }

  /** Makes a folder and those above it, from the root down. */
  async make(name: string): Promise<void> {
    if (this.#known === undefined) {
      await Deno.mkdir(this.#root, { recursive: true });
      await this.#unlock("", await Deno.stat(this.#root));
      this.#known = "";
    }
    if (isWithin(this.#known, name)) return;
    let made = this.#known;
    while (!isWithin(name, made)) made = parentOf(made);
    while (made !== name) {
      const end = name.indexOf("/", made === "" ? 0 : made.length + 1);
      made = end < 0 ? name : name.slice(0, end);
      await this.#makeOne(made);
    }
    this.#known = name;
  }

  /** Gives a folder its attributes when all is there. One that a link leads to keeps its own. */
  setAttributes(name: string, attributes: TreeAttributes): void {
    this.#attributes.set(name, attributes);
  }

  /** A folder is no more, maybe one that is known by another name where case does not matter. */
  forget(): void {
    this.#closePaths();
    if (this.#known !== undefined) this.#known = "";
  }

  /** Looks whether what the archive brought is a symbolic link, which is not to be followed then. */
  async noteLink(name: string): Promise<void> {
    if (!this.#follow) return;
    const info = await Deno.lstat(this.pathOf(name));
    if (info.isSymlink) this.#links.add(identityOf(info));
  }

  /** Sets modes and times of folders, the innermost first. */
  async finish(): Promise<void> {
    for (const [name, { mode, mtime }] of [...this.#attributes].reverse()) {
      const path = this.pathOf(name);
      // Both follow links, and a later entry may have put one in the place of an empty folder.
      if (!(await Deno.lstat(path)).isDirectory) continue;
      await Deno.chmod(path, mode);
      await Deno.utime(path, mtime, mtime);
      this.#unlocked.delete(name);
    }
  }

  /** Closes what is open, and protects again what was protected before. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [name, mode] of [...this.#unlocked].reverse()) {
      await Deno.chmod(this.pathOf(name), mode).catch(() => {});
    }
    this.#closePaths();
  }

  /** Why an entry is not unpacked. */
  refusal(name: string, reason: string): Error {
    const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name;
    return new Deno.errors.InvalidData(`Cannot unpack "${shown}" into '${this.#root}': ${reason}`);
  }

  #closePaths(): void {
    this.#paths[Symbol.dispose]();
    this.#linkedPaths[Symbol.dispose]();
  }

  async #makeOne(name: string): Promise<void> {
    const path = this.pathOf(name);
    try {
      return await Deno.mkdir(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    const info = await Deno.lstat(path);
    if (info.isSymlink) return await this.#enterLink(name);
    if (!info.isDirectory) throw this.refusal(name, "a file is in the way of a folder");
    await this.#unlock(name, info);
  }

  async #enterLink(name: string): Promise<void> {
    if (!this.#follow || await leadsThrough(this.pathOf(name), this.#links)) {
      throw this.refusal(name, "it leads through a symbolic link");
    }
    const path = this.pathOf(name);
    const target = await Deno.stat(path).catch(() => undefined);
    if (!target?.isDirectory) {
      throw this.refusal(name, "a link that leads to no folder is in the way of a folder");
    }
    await this.#follow(path);
  }

  /** Lets its owner put something into a folder that was there. */
  async #unlock(name: string, { mode }: Deno.FileInfo): Promise<void> {
    if (mode === null || (mode & 0o300) === 0o300) return;
    // If this user is not its owner, what is done next fails, and says why.
    await Deno.chmod(this.pathOf(name), mode & 0o7777 | 0o700).then(
      () => this.#unlocked.set(name, mode & 0o7777),
      () => {},
    );
  }
}

function parentOf(name: string): string {
  const parent = dirname(name);
  return parent === "." ? "" : parent;
}

/** Whether `name` is the folder or is in it. */
function isWithin(name: string, folder: string): boolean {
  return folder === "" || name === folder || name.startsWith(`${folder}/`);
}
