import { basename, dirname } from "node:path";
import type { BuildOptions, LinuxTarget } from "./agent_pack.ts";
import { runTool, ToolError } from "./run_tool.ts";

/** Deno's base runtime for a target is not on this machine and cannot be downloaded. */
export class BaseRuntimeMissing extends Error {
  override readonly name = "BaseRuntimeMissing";

  constructor(target: LinuxTarget, cause: ToolError) {
    super(`Cannot get Deno's base runtime for ${target}: ${cause.reason}`, { cause });
  }
}

/** How an agent is compiled. */
export interface CompileOptions extends BuildOptions {
  readonly target: LinuxTarget;
  /** Path of the base runtime. @default what `DENORT_BIN` names, if anything */
  readonly base?: string | undefined;
}

/**
 * Compiles the bundled agent into a program for `target`, at `output`. The same bundle gives the
 * same program, byte for byte, whatever folder it is made in.
 *
 * The base runtime is `base`, or the archive in Deno's own cache, or is
 * downloaded from Deno's site; if none of them can be had it throws {@linkcode BaseRuntimeMissing}.
 */
export async function compileAgent(
  bundle: string,
  output: string,
  { target, base = Deno.env.get("DENORT_BIN"), signal, onProgress }: CompileOptions,
): Promise<void> {
  onProgress?.({ label: `compiling the agent for ${target}` });
  // The name and the time of the embedded file go into the program.
  await Deno.utime(bundle, 0, 0);
  const flags = ["-A", "--no-code-cache", "--no-config", "--no-lock", "--target", target];
  const files = ["--output", output, basename(bundle)];
  const command = [Deno.execPath(), "compile", "--quiet", ...flags, ...files];
  try {
    await runTool(command, {
      signal,
      cwd: dirname(bundle),
      env: base ? { DENORT_BIN: base } : {},
    });
  } catch (error) {
    // A base that DENORT_BIN names is not replaced by another in silence.
    if (base || !isMissingBase(error)) throw error;
    throw new BaseRuntimeMissing(target, error);
  }
}

function isMissingBase(error: unknown): error is ToolError {
  return error instanceof ToolError && /denort|base binary/.test(error.stderr);
}
