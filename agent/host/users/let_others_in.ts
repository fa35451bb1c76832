import { closeSync, constants, fchmodSync, fstatSync, openSync } from "node:fs";

/** The folders of a host. */
export interface OwnFolders {
  /** At which relative paths begin. */
  readonly rootDir: string;
  /** Where its processes are told to have temporary files; it may be elsewhere. */
  readonly tempDir: string | undefined;
}

/** Lets a folder be entered, not listed. */
const ENTER = 0o011;

/** Everybody may make files, and remove their own. */
const SHARED = 0o1777;

/**
 * Has other users find their way in the folders of a host that root has made: they can enter the root
 * folder, and what they are given in there; temporary files are made as in `/tmp`. They cannot list the
 * root folder, nor make anything in it, unless it is that of temporary files as well.
 */
export function letOthersIn({ rootDir, tempDir }: OwnFolders): void {
  addMode(rootDir, ENTER);
  // What is not the host's own is as its machine has it.
  if (tempDir === undefined) return;
  if (tempDir === rootDir || tempDir.startsWith(`${rootDir}/`)) addMode(tempDir, SHARED);
}

/** Through an open folder, so that no link which another user has put in its place is followed. */
function addMode(path: string, bits: number): void {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const folder = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const { mode, uid } = fstatSync(folder);
    // Root alone could have made it another's, and then had a reason.
    if (uid === 0 && (mode & bits) !== bits) fchmodSync(folder, mode & 0o7777 | bits);
  } finally {
    closeSync(folder);
  }
}
