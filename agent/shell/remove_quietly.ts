/** Removes a file or an empty folder, if it is there. */
export function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is gone, or not empty.
  }
}
