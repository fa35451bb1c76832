import { isAbsolute } from "node:path";
import { Confinement } from "./confinement.ts";

/** Resolves the paths of a host, and guards those that are to be changed. */
export class HostPaths {
  readonly rootDir: string;
  readonly #confinement: Confinement | undefined;

  /** `rootDir` is absolute and free of symbolic links. */
  constructor(rootDir: string, options: { confine: boolean }) {
    this.rootDir = rootDir;
    this.#confinement = options.confine ? new Confinement(rootDir) : undefined;
  }

  /** Whether changes outside of `rootDir` are refused. */
  get confined(): boolean {
    return this.#confinement !== undefined;
  }

  /**
   * The absolute path. It is not normalised: the operating system is to see `link/..` as it was
   * written, and an empty path must stay one, so that it is refused.
   */
  resolve(path: string): string {
    return path === "" || isAbsolute(path) ? path : `${this.rootDir}/${path}`;
  }

  /** The same, when what the path leads to is to be changed. */
  async target(path: string): Promise<string> {
    const absolute = this.resolve(path);
    await this.#confinement?.checkTarget(absolute);
    return absolute;
  }

  /** The same, when only the content of what the path leads to is to be changed. */
  async content(path: string): Promise<string> {
    const absolute = this.resolve(path);
    await this.#confinement?.checkContent(absolute);
    return absolute;
  }

  /** The same, when the name itself is to be made, replaced or removed. */
  async entry(path: string): Promise<string> {
    const absolute = this.resolve(path);
    await this.#confinement?.checkEntry(absolute);
    return absolute;
  }
}
