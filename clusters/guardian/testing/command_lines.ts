/** Milliseconds between looks. */
const POLL_INTERVAL = 10;

/** The numbers and command lines of all processes that have one of these texts in theirs. */
export async function commandLines(texts: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // A process that has just ended has no command line.
    const command = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    const line = `${name} ${command.replaceAll("\0", " ")}`;
    if (texts.some((text) => line.includes(text))) lines.push(line);
  }
  return lines;
}

/** Looks again and again until a state is reached; throws, with what there is, when that takes too long. */
export async function awaitState(
  look: () => Promise<string[]>,
  isReached: (lines: readonly string[]) => boolean,
  within: number,
): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    const lines = await look();
    if (isReached(lines)) return;
    if (performance.now() > deadline) {
      throw new Error(`After ${within} ms there still are:\n${lines.join("\n")}`);
    }
    await pause();
  }
}

/** Waits a little, between two looks. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
}
