import { describedError, messageOf } from "./described_error.ts";
import type { FileContext } from "./file_context.ts";
import type { FileOperation, FileOperations } from "./host.ts";
import { removeTree } from "./remove_tree.ts";
import { changeOwner } from "./users/change_owner.ts";

type Implementations = {
  readonly [O in FileOperation]: (
    context: FileContext,
    args: FileOperations[O]["args"],
  ) => Promise<FileOperations[O]["result"]>;
};

type Undoing = {
  readonly [O in FileOperation]?: (result: FileOperations[O]["result"]) => Promise<void>;
};

/** Each of {@linkcode FileOperations}, done on this machine. */
export const localFileOperations: Implementations = {
  stat: ({ paths }, { path }) => Deno.stat(paths.resolve(path)),
  lstat: ({ paths }, { path }) => Deno.lstat(paths.resolve(path)),
  list: ({ paths }, { path }) => Array.fromAsync(Deno.readDir(paths.resolve(path))),
  mkdir: async ({ paths }, { path, ...options }) =>
    await Deno.mkdir(await paths.target(path), options),
  remove: async ({ paths }, { path, recursive = false }) => {
    const remove = recursive ? removeTree : Deno.remove;
    await remove(await paths.entry(path));
  },
  rename: async ({ paths }, { from, to }) =>
    await Deno.rename(await paths.entry(from), await paths.entry(to)),
  copy: async ({ paths }, { from, to }) =>
    await Deno.copyFile(paths.resolve(from), await paths.target(to)),
  chmod: async ({ paths }, { path, mode }) => await Deno.chmod(await paths.target(path), mode),
  chown: changeOwner,
  symlink: async ({ paths }, { target, path }) =>
    await Deno.symlink(target, await paths.entry(path)),
  readLink: ({ paths }, { path }) => Deno.readLink(paths.resolve(path)),
  realPath: ({ paths }, { path }) => Deno.realPath(paths.resolve(path)),
  makeTemp,
};

/** Undoes an operation that ended after its call was aborted: the caller does not know what it made. */
export const undoOperations: Undoing = {
  makeTemp: (path) => Deno.remove(path),
};

async function makeTemp(
  { paths, tempDir }: FileContext,
  { kind, dir, prefix, suffix }: FileOperations["makeTemp"]["args"],
): Promise<string> {
  if (dir === "") throw new Deno.errors.NotFound(`Cannot make a temporary ${kind}: dir is empty`);
  const folder = await paths.target(dir ?? tempDir);
  const make = kind === "file" ? Deno.makeTempFile : Deno.makeTempDir;
  try {
    return await make({ dir: folder, prefix, suffix });
  } catch (error) {
    throw describedError(error, `${messageOf(error)}: make a temporary ${kind} in '${folder}'`);
  }
}
