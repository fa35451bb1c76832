/** What Deno shows in place of bytes that are no UTF-8. */
const UNDECODED = "\uFFFD";

/**
 * Throws `InvalidData` when an entry of the folder `path` has a name that is no UTF-8. Deno shows it
 * with a character in place of the bytes in question, and finds nothing by that, or something else.
 * Errors call the folder `shown`.
 */
export async function checkMovable(
  path: string,
  entries: readonly Deno.DirEntry[],
  shown: string = path,
): Promise<void> {
  // That character may be what a name has, and then the name is as good as any.
  const doubtful = entries.map(({ name }) => name).filter((name) => name.includes(UNDECODED));
  const seen = new Set<string>();
  for (const name of doubtful) {
    if (seen.has(name) || await isListedOnly(path, name)) throw unmovable(`${shown}/${name}`);
    seen.add(name);
  }
}

/** Whether there is nothing by that name, although the folder has it, still. */
async function isListedOnly(path: string, name: string): Promise<boolean> {
  try {
    await Deno.lstat(`${path}/${name}`);
    return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const entries = await Array.fromAsync(Deno.readDir(path));
    return entries.some((entry) => entry.name === name);
  }
}

function unmovable(path: string): Error {
  return new Deno.errors.InvalidData(
    `Cannot archive '${path}': its name is no UTF-8 and cannot be moved`,
  );
}
