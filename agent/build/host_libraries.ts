import { join } from "node:path";
import type { BuildOptions, LinuxTarget } from "./agent_pack.ts";
import { readElfHeader } from "./elf_header.ts";
import { libraryNames, machineOf } from "./linux_machine.ts";
import { runTool, ToolError } from "./run_tool.ts";

/** From glibc 2.34 on, name resolution is part of `libc.so.6` and not of modules beside it. */
const OLDEST_GLIBC_MINOR = 34;

/**
 * Copies this host's C library into `dir`, if the host is a Linux of the target's architecture with
 * a recent glibc. Resolves to whether it did.
 *
 * The loader itself is asked which files it would use for the Deno that runs this, so its rules
 * apply, whatever the distribution's layout is.
 */
export async function copyHostLibraries(
  dir: string,
  { target, signal }: BuildOptions & { target: LinuxTarget },
): Promise<boolean> {
  const machine = machineOf(target);
  if (Deno.build.os !== "linux" || Deno.build.arch !== machine.arch) return false;
  const loader = (await readElfHeader(Deno.execPath()))?.interpreter;
  if (loader === undefined || !await isRecentGlibc(loader, signal)) return false;
  const resolved = await resolveLibraries(loader, signal);
  if (libraryNames.some((name) => !resolved.has(name))) return false;
  await Deno.copyFile(loader, join(dir, machine.loader));
  await Promise.all(
    libraryNames.map((name) => Deno.copyFile(resolved.get(name)!, join(dir, name))),
  );
  return true;
}

async function isRecentGlibc(loader: string, signal: AbortSignal | undefined): Promise<boolean> {
  const version = await runLoader([loader, "--version"], signal);
  const match = version.match(/GLIBC.* version 2\.(\d+)/);
  return match !== null && Number(match[1]) >= OLDEST_GLIBC_MINOR;
}

/** Paths by file name. Variants for newer processors are left out: the pack travels. */
async function resolveLibraries(
  loader: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const command = [loader, "--glibc-hwcaps-mask", "none", "--list", Deno.execPath()];
  const list = await runLoader(command, signal);
  const lines = list.matchAll(/^\s*(\S+) => (\/\S.*) \(0x/gm);
  return new Map([...lines].map(([, name = "", path = ""]) => [name, path]));
}

/** A loader that is too old, or not glibc's, fails on these options: then it lists no files. */
async function runLoader(
  command: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    return await runTool(command, { signal, clearEnv: true });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ToolError) return "";
    throw error;
  }
}
