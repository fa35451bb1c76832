import { closeSync, constants, fstatSync, openSync } from "node:fs";

/** Opens nothing of a folder but the place that it is: no permission is needed for that. Linux. */
const O_PATH = 0o10000000;

const HAS_PATHS_OF_OPEN = Deno.build.os === "linux";

/**
 * A folder that is open, so that nobody can put something else in its place: other users may own
 * folders of a tree, and exchange one for a link while it is looked at. Where the system has no paths
 * of open files, as macOS, it is just the path.
 */
export class OpenFolder implements Disposable {
  /** Good until it is closed. */
  readonly path: string;
  /** Tells it from all others. */
  readonly identity: string;
  readonly #fd: number | undefined;

  private constructor(path: string, fd?: number) {
    this.#fd = fd;
    this.path = fd === undefined ? path : `/proc/self/fd/${fd}`;
    const { dev, ino } = fd === undefined ? Deno.lstatSync(path) : fstatSync(fd);
    this.identity = `${dev}:${ino}`;
  }

  /** Opens a folder; `undefined` if it is gone, or something else: a link is not followed. */
  static open(path: string): OpenFolder | undefined {
    try {
      if (!HAS_PATHS_OF_OPEN) {
        return Deno.lstatSync(path).isDirectory ? new OpenFolder(path) : undefined;
      }
      const { O_DIRECTORY, O_NOFOLLOW } = constants;
      return new OpenFolder(path, openSync(path, O_PATH | O_DIRECTORY | O_NOFOLLOW));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Opens a folder in this one. */
  enter(name: string): OpenFolder | undefined {
    return OpenFolder.open(this.pathOf(name));
  }

  /** Opens the folder that this one is in; `undefined` if that is another one than `identity`. */
  leave(identity: string): OpenFolder | undefined {
    const parent = OpenFolder.open(this.pathOf(".."));
    if (parent?.identity === identity) return parent;
    parent?.[Symbol.dispose]();
    return undefined;
  }

  /** Where an entry is. */
  pathOf(name: string): string {
    return `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

function isMissing(error: unknown): boolean {
  if (error instanceof Deno.errors.NotFound) return true;
  const { code } = error as { code?: unknown };
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}
