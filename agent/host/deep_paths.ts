import { closeSync, constants, openSync } from "node:fs";

/** Characters of a path from which on what is below is reached through an open folder. */
const LONG_PATH = 1_000;

/** A folder that is open for what is below it. */
interface OpenAncestor {
  readonly name: string;
  readonly fd: number;
}

/**
 * Paths of what is in a tree, none of them longer than what the system takes, however deep that is.
 * Names are best asked for in the order of the tree: then few folders are open at a time.
 */
export class DeepPaths implements Disposable {
  readonly #root: string;
  /** Each is in the one before. */
  readonly #open: OpenAncestor[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** The path of the relative `name`, whose folder exists; good until the next call. */
  of(name: string): string {
    for (let last = this.#open.at(-1); last; last = this.#open.at(-1)) {
      if (name.startsWith(`${last.name}/`)) break;
      this.#closeLast();
    }
    // Only Linux reaches what is in an open folder by a path; others say that a path is too long.
    while (Deno.build.os === "linux" && this.#rest(name).length > LONG_PATH) {
      const rest = this.#rest(name);
      const end = rest.lastIndexOf("/", LONG_PATH);
      if (end <= 0) break;
      const folder = rest.slice(0, end);
      const fd = openSync(this.#path(folder), constants.O_RDONLY | constants.O_DIRECTORY);
      this.#open.push({ name: name.slice(0, name.length - rest.length + end), fd });
    }
    return this.#path(this.#rest(name));
  }

  /** Closes all folders: what was known of them may hold no more. */
  [Symbol.dispose](): void {
    while (this.#open.length > 0) this.#closeLast();
  }

  #closeLast(): void {
    const last = this.#open.pop();
    if (last) closeSync(last.fd);
  }

  /** What is left of a name below the innermost open folder. */
  #rest(name: string): string {
    const last = this.#open.at(-1);
    return last ? name.slice(last.name.length + 1) : name;
  }

  #path(rest: string): string {
    const last = this.#open.at(-1);
    const base = last ? `/proc/self/fd/${last.fd}` : this.#root;
    return rest === "" ? base : `${base}/${rest}`;
  }
}
