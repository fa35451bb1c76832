/** Bits of a mode by which others than its owner may change a file, or see into a folder. */
const FORBIDDEN = { file: 0o022, folder: 0o077 } as const;

/**
 * Why the file or folder at `path` may be of somebody else's making, and is not to be used; nothing when
 * it is this user's alone. Throws `Deno.errors.NotFound` when it is not there.
 */
export async function distrust(
  path: string,
  kind: keyof typeof FORBIDDEN,
): Promise<string | undefined> {
  const { isFile, isDirectory, isSymlink, uid, mode } = await Deno.lstat(path);
  if (isSymlink) return "it is a symbolic link";
  if (!(kind === "file" ? isFile : isDirectory)) return `it is no ${kind}`;
  const user = Deno.uid();
  if (user === null || uid === null || mode === null) return undefined;
  if (uid !== user) return `it belongs to user ${uid}`;
  if ((mode & FORBIDDEN[kind]) === 0) return undefined;
  return `others have access to it (mode ${(mode & 0o777).toString(8)})`;
}
