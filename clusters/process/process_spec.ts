import type { ProcessSpec } from "../../agent/host/host.ts";
import { parseUserName } from "../../agent/host/users/account_name.ts";
import { checkOptions, kinds, valueKind } from "../options/mod.ts";
import { checkEnvironment } from "./check_environment.ts";
import { checkWord } from "./check_word.ts";
import type { ProcessContext } from "./process_context.ts";
import type { SpawnOptions } from "./spawn_options.ts";

/** What to start, from what a caller said; throws before anything is started if that is wrong. */
export function processSpec(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ProcessSpec {
  checkWord(command, "command");
  if (command === "") throw new TypeError("Cannot start a command: its name is empty");
  if (!Array.isArray(args)) {
    throw new TypeError(`Cannot start "${command}": args must be an array of strings`);
  }
  for (const arg of args) checkWord(arg, `argument of "${command}"`);
  if (options.env !== undefined) checkEnvironment(options.env);
  checkInput(command, options.input);
  checkStdin(command, options.stdin);
  for (const name of ["stdout", "stderr"] as const) checkOutput(command, name, options[name]);
  const { cwd, stdinFile } = options;
  for (const [name, path] of Object.entries({ cwd, stdinFile })) {
    if (path !== undefined) checkWord(path, `${name} of "${command}"`);
  }
  // The system would take it for the folder that the runner, or the agent, is in.
  if (cwd === "") throw new TypeError(`Cannot start "${command}": cwd is empty`);
  checkTimeout(options.timeout);
  const { env, clearEnv, user, stdout, stderr } = options;
  if (user !== undefined) parseUserName(user, `Cannot start "${command}": user`);
  return { command, args, cwd, env, clearEnv, user, stdin: standardInput(options), stdout, stderr };
}

function standardInput(options: SpawnOptions): ProcessSpec["stdin"] {
  const { stdin, input, stdinFile } = options;
  const given = [stdin === "piped", input !== undefined, stdinFile !== undefined].filter(Boolean);
  if (given.length > 1) {
    throw new TypeError('Cannot start a command: give one of stdin: "piped", input, stdinFile');
  }
  if (stdinFile !== undefined) return { file: stdinFile };
  return given.length > 0 ? "piped" : "null";
}

function checkInput(command: string, input: unknown): void {
  if (input === undefined || typeof input === "string") return;
  if (input instanceof Uint8Array || input instanceof ReadableStream) return;
  throw new TypeError(
    `Cannot start "${command}": input must be a string, Uint8Array or ReadableStream, ` +
      `not ${valueKind(input)}`,
  );
}

function checkStdin(command: string, stdin: unknown): void {
  if (stdin === undefined || stdin === "piped" || stdin === "null") return;
  throw new TypeError(
    `Cannot start "${command}": stdin must be "piped" or "null", not ${Deno.inspect(stdin)}`,
  );
}

function checkOutput(command: string, name: "stdout" | "stderr", mode: unknown): void {
  if (mode === undefined || mode === "log" || mode === "piped" || mode === "null") return;
  if (typeof (mode as { file?: unknown } | null)?.file === "string") {
    return checkOptions(`start "${command}"`, mode, { file: kinds.text });
  }
  throw new TypeError(
    `Cannot start "${command}": ${name} must be "piped", "log", "null" or { file: "path" }, ` +
      `not ${Deno.inspect(mode)}`,
  );
}

/** The same, with the variables of the node below those of the process. */
export function withEnvironment(context: ProcessContext, spec: ProcessSpec): ProcessSpec {
  if (spec.clearEnv) return spec;
  return { ...spec, env: { ...context.env, ...spec.env } };
}

/** Throws unless it is a number of milliseconds that may be waited for; `Infinity` is one. */
function checkTimeout(timeout: number | undefined): void {
  if (timeout !== undefined && !(timeout > 0)) {
    throw new RangeError(`The timeout must be above 0 milliseconds, not ${timeout}`);
  }
}
