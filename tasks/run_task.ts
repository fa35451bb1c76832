import { writeText } from "./write_text.ts";

/** Writes to standard output; returns the exit code of a task that has nothing more to say. */
export function print(text: string): number {
  writeText(Deno.stdout, text);
  return 0;
}

/** Runs a task with the arguments of this process; an error becomes one line and exit code 1. */
export async function runTask(main: (args: string[]) => Promise<number> | number): Promise<void> {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    writeText(Deno.stderr, `${error.message}\n`);
    Deno.exitCode = 1;
  }
}
