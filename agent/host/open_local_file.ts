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

/** The same for a file that is written, whose parent folders are made. */
export async function createLocalFile(
  paths: HostPaths,
  path: string,
  options: Deno.OpenOptions,
): Promise<Deno.FsFile> {
  const absolute = await paths.content(path);
  try {
    return await Deno.open(absolute, options);
  } catch (error) {
    const mayLackParent = error instanceof Deno.errors.NotFound && absolute !== "" &&
      (options.create || options.createNew);
    if (!mayLackParent) throw error;
  }
  await Deno.mkdir(dirname(absolute), { recursive: true });
  return await Deno.open(absolute, options);
}

function changes({ write, append, truncate, create, createNew }: Deno.OpenOptions): boolean {
  return [write, append, truncate, create, createNew].includes(true);
}
