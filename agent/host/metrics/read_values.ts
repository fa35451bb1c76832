/** The text of a file of the system; `undefined` where there is none, or it cannot be read. */
export function textAt(path: string): string | undefined {
  try {
    // At once: all threads of the runtime may wait for pipes, or for a dead file server.
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

/** The number that a file of the system has, and nothing else. */
export function numberAt(path: string): number | undefined {
  const text = textAt(path)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The number behind a word at the beginning of a line: `inactive_file 4096`, or `MemFree:  12 kB`. */
export function fieldOf(text: string | undefined, name: string): number | undefined {
  const [, value] = new RegExp(`^${name}:?\\s+(\\d+)`, "m").exec(text ?? "") ?? [];
  return value === undefined ? undefined : Number(value);
}
