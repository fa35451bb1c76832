import { join, resolve } from "node:path";
import { describedError, messageOf } from "../../agent/host/described_error.ts";

/** The variable that names the parent of the private folder, where `/tmp` cannot be used. */
const PLACE_VARIABLE = "CLUSTERTEST_NODES";

/**
 * The folder of this user that no other user can look into, for things that live as long as runs: folders
 * of nodes, sockets, locks. {@linkcode makePrivateFolder} makes it.
 */
export function privateFolder(): string {
  return folderIn(Deno.env.get(PLACE_VARIABLE) || usualPlace());
}

/** The private folder as it is configured here, and the default one, which other processes may use. */
export function privateFolders(): string[] {
  return [...new Set([privateFolder(), folderIn(usualPlace())])];
}

/** Makes the private folder if it is missing; throws, with a remedy, if it cannot be used. */
export async function makePrivateFolder(): Promise<string> {
  const folder = privateFolder();
  await makePrivate(folder).catch((error) => {
    throw describedError(
      error,
      `Cannot make a folder for nodes of this machine: ${messageOf(error)}. ` +
        `Set ${PLACE_VARIABLE} to a folder in which it can be made`,
    );
  });
  return folder;
}

/**
 * Makes a folder that no other user can list or write to, unless it exists; throws if it is another user's.
 * If it is root's, other users can pass through it to the folders of nodes that run their processes. So
 * everything else in it needs a restrictive mode of its own.
 */
export async function makePrivate(path: string): Promise<void> {
  const mode = Deno.uid() === 0 ? 0o711 : 0o700;
  await Deno.mkdir(path, { mode }).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  const { uid, isDirectory, mode: found } = await Deno.lstat(path);
  if (!isDirectory || uid !== Deno.uid()) {
    throw new Deno.errors.PermissionDenied(`Cannot use "${path}": it belongs to another user`);
  }
  if (found !== null && (found & 0o777) !== mode) await Deno.chmod(path, mode);
}

function usualPlace(): string {
  // TMPDIR is not looked at: a sweep, or a guardian, must find what a run with another one made.
  return Deno.build.os === "darwin" ? "/private/tmp" : "/tmp";
}

function folderIn(place: string): string {
  return join(resolve(place), `clustertest-${Deno.uid()}`);
}
