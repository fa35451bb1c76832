import { closeSync, constants, openSync } from "node:fs";
import { checkMovable } from "./movable_names.ts";

/** Something in a tree. The folder that it is in knows already whether it is a file. */
export interface TreeEntry {
  /** Relative to the tree; empty for the tree itself. */
  readonly name: string;
  /** Where to find it: no longer than what the system takes for a path, however deep it is. */
  readonly path: string;
  readonly isFile: boolean;
  /** Whether it is a folder that is left out, but not all that is in it. @default false */
  readonly isLeftOut?: boolean | undefined;
}

/** What is left out of a tree. Names are relative to the tree. */
export interface TreeFilter {
  includes(name: string): boolean;
  /** Whether something in a folder that is left out may be included. */
  mayInclude(folder: string): boolean;
}

/** Bytes of a path from which on what is below is reached through an open folder. */
const LONG_PATH = 2_000;

/** Bytes that the name of an entry may have: the names of all that is in a deep tree add up. */
const LONGEST_NAME = 64 * 1024;

/** A folder that stays open until all that is below it was visited. */
interface FolderToClose {
  readonly fd: number;
}

/** Goes through a tree, each folder before what is in it, by one step after the other. */
export class TreeWalk implements Disposable {
  readonly #root: string;
  readonly #filter: TreeFilter | undefined;
  readonly #pending: (TreeEntry | FolderToClose)[];

  constructor(root: string, filter?: TreeFilter) {
    this.#root = root;
    this.#filter = filter;
    this.#pending = [{ name: "", path: root, isFile: false }];
  }

  /** What comes next; `undefined` at the end. */
  next(): TreeEntry | undefined {
    for (;;) {
      const next = this.#pending.pop();
      if (next === undefined || "name" in next) return next;
      closeSync(next.fd);
    }
  }

  /** Goes on with what is in the folder `entry`, in the order of their names. */
  async enter(entry: TreeEntry): Promise<void> {
    const path = this.#reachable(entry);
    const shown = entry.name === "" ? this.#root : `${this.#root}/${entry.name}`;
    const entries = await Array.fromAsync(Deno.readDir(path)).catch(unlessGone) ?? [];
    await checkMovable(path, entries, shown);
    // The last first, as it goes onto a stack.
    entries.sort((one, other) => one.name < other.name ? 1 : -1);
    for (const { name, isFile, isDirectory } of entries) {
      const full = entry.name === "" ? name : `${entry.name}/${name}`;
      const isLeftOut = !(this.#filter?.includes(full) ?? true);
      if (isLeftOut && !(isDirectory && this.#filter?.mayInclude(full))) continue;
      this.#pending.push({ name: full, path: `${path}/${name}`, isFile, isLeftOut });
    }
  }

  /** Closes what is still open. */
  [Symbol.dispose](): void {
    for (const step of this.#pending.splice(0)) if ("fd" in step) closeSync(step.fd);
  }

  /** A path of the folder to which a name can be added. */
  #reachable({ name, path }: TreeEntry): string {
    if (path.length <= LONG_PATH / 3 || byteLength(path) <= LONG_PATH) return path;
    if (byteLength(name) > LONGEST_NAME) {
      throw new Error(
        `Cannot archive '${this.#root}': a path in it has more than ${LONGEST_NAME} bytes ` +
          `('${name.slice(0, 100)}…')`,
      );
    }
    if (Deno.build.os !== "linux") return path;
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    this.#pending.push({ fd });
    return `/proc/self/fd/${fd}`;
  }
}

/** For what vanishes meanwhile. */
export function unlessGone(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
