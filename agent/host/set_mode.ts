/**
 * Gives a file its mode whatever the umask, and also when it was there before, as `Deno.writeFile`
 * does. A device or a pipe keeps its own: it is there for others, too, and only written to.
 */
export async function setMode(path: string, mode: number): Promise<void> {
  if ((await Deno.stat(path)).isFile) await Deno.chmod(path, mode);
}
