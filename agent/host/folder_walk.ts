import { OpenFolder } from "./open_folder.ts";

/**
 * Walks through a tree from folder to folder, with one of them open at a time, however deep the tree is. It
 * follows no links, and nothing that another user puts in the place of a folder meanwhile.
 */
export class FolderWalk implements Disposable {
  #current: OpenFolder;
  /** Identities of the folders that this one is in, from the root of the tree down. */
  readonly #above: string[] = [];

  private constructor(root: OpenFolder) {
    this.#current = root;
  }

  /** Begins at a folder; `undefined` if there is none. */
  static open(path: string): FolderWalk | undefined {
    const root = OpenFolder.open(path);
    return root && new FolderWalk(root);
  }

  /** Where it is. */
  get current(): OpenFolder {
    return this.#current;
  }

  /** Goes into a folder of the current one; whether there is one. */
  enter(name: string): boolean {
    const next = this.#current.enter(name);
    if (!next) return false;
    this.#above.push(this.#current.identity);
    this.#go(next);
    return true;
  }

  /** Goes back up; whether there is a folder above, in the tree. Throws if it is another one now. */
  leave(): boolean {
    const identity = this.#above.pop();
    if (identity === undefined) return false;
    const parent = this.#current.leave(identity);
    if (!parent) throw new Error("A folder of the tree was moved elsewhere meanwhile");
    this.#go(parent);
    return true;
  }

  [Symbol.dispose](): void {
    this.#current[Symbol.dispose]();
  }

  #go(folder: OpenFolder): void {
    this.#current[Symbol.dispose]();
    this.#current = folder;
  }
}
