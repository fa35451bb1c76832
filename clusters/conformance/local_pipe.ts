import { strictEqual } from "node:assert/strict";

/** Makes a named pipe on this machine. */
export async function makeLocalPipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  strictEqual(success, true, "mkfifo");
}

/**
 * Makes a named pipe on this machine, and holds both of its ends open: a process that reads it waits for
 * bytes, and a process that writes much into it waits for a reader.
 */
export async function openLocalPipe(path: string): Promise<Deno.FsFile> {
  await makeLocalPipe(path);
  return await Deno.open(path, { read: true, write: true });
}
