/** What a program did. */
export interface Evaluation {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it. */
export interface EvaluateOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether it imports packages, and so needs the project's import map. @default false */
  readonly packages?: boolean | undefined;
}

/**
 * Runs TypeScript in a process of its own, with an environment of its own: that of the test's
 * process belongs to all tests that run in it.
 */
export async function evaluate(
  code: string,
  { env = {}, packages = false }: EvaluateOptions = {},
): Promise<Evaluation> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["eval", ...packages ? ["--config", configPath()] : ["--no-config"], "--no-lock", code],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const [stdout = "", stderr = ""] = [output.stdout, output.stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  return { code: output.code, stdout, stderr };
}

/** A module of this folder, as a literal for code to be evaluated. */
export function moduleLiteral(name: string): string {
  return JSON.stringify(new URL(name, import.meta.url).href);
}

function configPath(): string {
  return decodeURIComponent(new URL("../../deno.json", import.meta.url).pathname);
}
