import { fileURLToPath } from "node:url";

/**
 * Runs a module's code in a program of its own, with `args` as its `Deno.args`, and resolves to what it
 * wrote. Files of tests that run in parallel are threads of one process: what is counted of a process,
 * such as its memory and its open files, is theirs as well. Rejects with what the program said when it
 * fails. `wrapper` is a command that runs another one.
 */
export async function runInOwnProcess(
  code: string,
  args: readonly string[] = [],
  wrapper: readonly string[] = [],
): Promise<string> {
  const config = fileURLToPath(import.meta.resolve("../../deno.json"));
  const flags = ["--quiet", "--no-lock", "--config", config];
  const [program = "", ...rest] = [...wrapper, Deno.execPath(), "eval", ...flags, code, ...args];
  const env = { NO_COLOR: "1" };
  const output = await new Deno.Command(program, { args: rest, env }).output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((each) =>
    new TextDecoder().decode(each)
  );
  if (!output.success) throw new Error(stderr);
  return stdout!;
}
