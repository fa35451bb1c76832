import { dirname } from "node:path";
import type { OpenOptions } from "./host.ts";
import type { HostPaths } from "./host_paths.ts";

/** Opens a file as `Deno.open` does, within the bounds of the host. */
export async function openLocalFile(
  paths: HostPaths,
  path: string,
  options: OpenOptions = {},
): Promise<Deno.FsFile> {
  const { signal: _, ...open } = options;
  return await Deno.open(changes(open) ? await paths.content(path) : paths.resolve(path), open);
}

/** How a file is made, or emptied. */
export interface CreateFileOptions extends Deno.OpenOptions {
  /** Also one of the same user whose mode keeps it from being written. @default false */
  readonly copy?: boolean;
}

/** The same for a file that is written, whose parent folders are made. */
export async function createLocalFile(
  paths: HostPaths,
  path: string,
  { copy = false, ...options }: CreateFileOptions,
): Promise<Deno.FsFile> {
  const absolute = await paths.content(path);
  const open = () => copy ? openForCopy(absolute, options) : Deno.open(absolute, options);
  try {
    return await open();
  } catch (error) {
    const mayLackParent = error instanceof Deno.errors.NotFound && absolute !== "" &&
      (options.create || options.createNew);
    if (!mayLackParent) throw error;
  }
  await Deno.mkdir(dirname(absolute), { recursive: true });
  return await open();
}

/** Opens a file for the copy of another one: also one of the same user that its mode protects. */
export async function openForCopy(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    const { isFile, mode } = await Deno.stat(path);
    if (!isFile || mode === null || (mode & 0o200) !== 0) throw error;
    await Deno.chmod(path, mode & 0o7777 | 0o200);
  }
  return await Deno.open(path, options);
}

function changes({ write, append, truncate, create, createNew }: Deno.OpenOptions): boolean {
  return [write, append, truncate, create, createNew].includes(true);
}
