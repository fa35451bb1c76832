import type { OutputMode, ProcessSpec } from "../../agent/host/host.ts";
import { kinds, type OptionKinds, valueKind } from "../options/mod.ts";

/** How a process is started by `node.spawn`. */
export interface SpawnOptions {
  /** The folder to start in; a relative path begins at the node's `rootDir`. @default rootDir */
  readonly cwd?: string | undefined;
  /** Added to the node's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Start from an empty environment instead of the node's. @default false */
  readonly clearEnv?: boolean | undefined;
  /** `"piped"`: what is written to `process.stdin`. @default "null", which is empty */
  readonly stdin?: "piped" | "null" | undefined;
  /**
   * What the process reads from its standard input, which then ends. A stream is cancelled when the
   * process ends first. When it fails, the process and its group are killed with `SIGKILL`, and its
   * error is that of `run` or of `process.status`.
   */
  readonly input?: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  /** A file on the node that the process reads as its standard input. */
  readonly stdinFile?: string | undefined;
  /**
   * Where the output goes. `"log"`: into a bounded log on the node, so that it never stops the
   * process; reading `process.stdout` begins with what the log holds. `"piped"`: to the reader of
   * `process.stdout`, who sets the pace; nothing is ever dropped. `{ file }`: into a file on the
   * node. @default "log"
   */
  readonly stdout?: OutputMode | undefined;
  /** As `stdout`. @default "log" */
  readonly stderr?: OutputMode | undefined;
  /** Aborting kills the process and its group with `SIGKILL`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds after which the process and its group are killed with `SIGKILL`, unless the process
   * has ended by then. They count from the call on, also while the node is paused; a process that has
   * not started by then never does, and the call fails. @default Infinity
   */
  readonly timeout?: number | undefined;
}

/** How a command is run by `node.run`. */
export interface RunOptions extends Omit<SpawnOptions, "stdin" | "stdout" | "stderr"> {
  /** `"piped"`: into the result. @default "piped" */
  readonly stdout?: Exclude<OutputMode, "log"> | undefined;
  /** As `stdout`. @default "piped" */
  readonly stderr?: Exclude<OutputMode, "log"> | undefined;
  /** Throw a `CommandError` when the command fails. @default true */
  readonly check?: boolean | undefined;
  /**
   * Bytes of each output. A command that writes more is killed, and a `CommandError` carries the
   * last part of what it wrote. @default 67108864, which is 64 MiB
   */
  readonly maxOutput?: number | undefined;
}

/** What a command that has ended left. */
export interface CommandResult {
  /** Whether the code is 0. */
  readonly success: boolean;
  /** The exit code; 128 plus the signal's number after a signal. */
  readonly code: number;
  /** True when the kernel's OOM killer ended it, as far as the node's control group tells. */
  readonly outOfMemory?: true | undefined;
  /** The signal that ended it; `null` for a real-time one too, which Deno has no name for. */
  readonly signal: Deno.Signal | null;
  /** As text; bytes that are not UTF-8 become U+FFFD. */
  readonly stdout: string;
  /** As `stdout`. */
  readonly stderr: string;
  /** The output, byte for byte. */
  readonly stdoutBytes: Uint8Array<ArrayBuffer>;
  /** The errors, byte for byte. */
  readonly stderrBytes: Uint8Array<ArrayBuffer>;
  /** Milliseconds from start to end, on the node's clock. */
  readonly elapsed: number;
}

/** Of `spawn`. What has bounds is checked by {@linkcode processSpec}. */
export const SPAWN_KINDS: OptionKinds<SpawnOptions> = {
  cwd: kinds.text,
  env: kinds.anything,
  clearEnv: kinds.flag,
  stdin: kinds.anything,
  input: kinds.anything,
  stdinFile: kinds.text,
  stdout: kinds.anything,
  stderr: kinds.anything,
  signal: kinds.signal,
  timeout: kinds.number("milliseconds"),
};

/** Of `run`. That it has no `stdin` is said by an error of its own. */
export const RUN_KINDS: OptionKinds<RunOptions & SpawnOptions> = {
  ...SPAWN_KINDS,
  check: kinds.flag,
  maxOutput: kinds.number("bytes"),
};

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
  // The system would take it for the folder that the runner, or the agent, is in.
  if (options.cwd === "") throw new TypeError(`Cannot start "${command}": cwd is empty`);
  checkTimeout(options.timeout);
  const { cwd, env, clearEnv, stdout, stderr } = options;
  return { command, args, cwd, env, clearEnv, stdin: standardInput(options), stdout, stderr };
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
  if (typeof (mode as { file?: unknown } | null)?.file === "string") return;
  throw new TypeError(
    `Cannot start "${command}": ${name} must be "piped", "log", "null" or { file: "path" }, ` +
      `not ${Deno.inspect(mode)}`,
  );
}

function checkWord(word: unknown, what: string): void {
  if (typeof word !== "string") throw new TypeError(`The ${what} must be a string, not ${word}`);
  if (word.includes("\0")) throw new TypeError(`The ${what} must not contain a NUL character`);
}

/** Throws unless it can be the environment of a process, or be added to one. */
export function checkEnvironment(env: unknown): void {
  // What can be iterated, as an array or a map, holds its entries elsewhere than in its properties.
  if (typeof env !== "object" || env === null || Symbol.iterator in env) {
    throw new TypeError(
      `Cannot set variables: env must be an object of strings, not ${valueKind(env)}`,
    );
  }
  for (const [name, value] of Object.entries(env)) checkVariable(name, value);
}

function checkVariable(name: string, value: unknown): void {
  if (name === "" || /[=\0]/.test(name)) {
    throw new TypeError(
      `Cannot set the variable "${name}": a name has no "=" and no NUL character`,
    );
  }
  checkWord(value, `variable "${name}"`);
}

/** Throws unless it is a number of milliseconds that may be waited for; `Infinity` is one. */
export function checkTimeout(timeout: number | undefined): void {
  if (timeout !== undefined && !(timeout > 0)) {
    throw new RangeError(`The timeout must be above 0 milliseconds, not ${timeout}`);
  }
}
