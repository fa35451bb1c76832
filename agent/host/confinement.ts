import { basename, dirname, isAbsolute, join } from "node:path";

/** Symbolic links that are followed before a path is taken for a loop, as Linux does. */
const LINKS_FOLLOWED = 40;

/** Devices that hold nothing: content that is written to them changes no file. */
const HARMLESS = new Set(["/dev/null", "/dev/full", "/dev/zero"]);

/**
 * Keeps changes to files inside one folder, also when a path leaves it by `..` or symbolic links.
 *
 * It protects against mistakes. It is no sandbox: processes on the host may do what their user may.
 */
export class Confinement {
  readonly #rootDir: string;

  /** `rootDir` is absolute and free of symbolic links. */
  constructor(rootDir: string) {
    this.#rootDir = rootDir;
  }

  /** Refuses to change what `path` leads to, unless that is inside. */
  async checkTarget(path: string): Promise<void> {
    if (!this.#holds(await realTarget(path))) throw this.#refusal(path);
  }

  /** Refuses to write into what `path` leads to, unless that is inside, or keeps no content. */
  async checkContent(path: string): Promise<void> {
    if (!HARMLESS.has(path)) await this.checkTarget(path);
  }

  /** Refuses to make, replace or remove the name `path`, unless the folder that has it is inside. */
  async checkEntry(path: string): Promise<void> {
    // "link/", "link/." and "folder/.." name what they lead to.
    const name = path.slice(path.lastIndexOf("/") + 1);
    const entry = ["", ".", ".."].includes(name)
      ? await realTarget(path)
      : join(await realTarget(dirname(path)), name);
    if (entry === this.#rootDir) {
      throw new Deno.errors.PermissionDenied(
        `Cannot remove or replace "${path}": it is the node's own folder`,
      );
    }
    if (!this.#holds(entry)) throw this.#refusal(path);
  }

  #holds(path: string): boolean {
    const root = this.#rootDir;
    return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
  }

  #refusal(path: string): Error {
    return new Deno.errors.PermissionDenied(
      `Cannot change "${path}": it is outside of "${this.#rootDir}", and the option ` +
        `dangerouslyAllowHostPaths: true was not given`,
    );
  }
}

/** Where `path` leads to, or would lead to once the missing folders are made. */
async function realTarget(path: string, links = LINKS_FOLLOWED): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || links === 0) throw error;
  }
  const link = await linkAt(path);
  if (link === undefined) return join(await realTarget(dirname(path), links), basename(path));
  return await realTarget(isAbsolute(link) ? link : `${dirname(path)}/${link}`, links - 1);
}

async function linkAt(path: string): Promise<string | undefined> {
  try {
    return await Deno.readLink(path);
  } catch {
    return undefined;
  }
}
