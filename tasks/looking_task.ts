import { RecordError } from "../clusters/runs/mod.ts";
import { ShellError } from "../clusters/shell/mod.ts";
import { writeText } from "./write_text.ts";

/** The command line is wrong; the message says what. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Exit codes of tasks that look into runs. */
const [FAILED, WRONG_USAGE] = [1, 2];

/**
 * Runs a task that looks into runs, and ends with its exit code: 1 if what was asked for is not there,
 * 2 for wrong usage. Who reads the output may stop early, as `head` does.
 */
export async function runLookingTask(main: (args: string[]) => Promise<number>): Promise<void> {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return;
    const code = codeOf(error);
    if (code === undefined) throw error;
    const advice = code === WRONG_USAGE ? "; --help lists what there is" : "";
    complain(`${(error as Error).message}${advice}`);
    Deno.exitCode = code;
  }
}

/** Prints lines on standard error. */
export function complain(text: string): void {
  writeText(Deno.stderr, `${text}\n`);
}

/** Prints lines on standard output. */
export function printLine(text: string): void {
  writeText(Deno.stdout, `${text}\n`);
}

function codeOf(error: unknown): number | undefined {
  if (error instanceof RecordError || error instanceof ShellError) return FAILED;
  // `parseArgs` says what is wrong, with a code of its own.
  const { code } = error as { code?: unknown };
  const isArgument = typeof code === "string" && code.startsWith("ERR_PARSE_ARGS_");
  return error instanceof UsageError || isArgument ? WRONG_USAGE : undefined;
}
