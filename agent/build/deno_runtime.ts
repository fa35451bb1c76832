import { join } from "node:path";
import type { BuildOptions, LinuxTarget } from "./agent_pack.ts";
import { readElfHeader } from "./elf_header.ts";
import { machineOf } from "./linux_machine.ts";
import { runTool } from "./run_tool.ts";

/** The version of Deno that is packed where the agent cannot be compiled. */
export const RUNTIME_VERSION = "2.9.5";

/**
 * Puts a Deno executable of {@linkcode RUNTIME_VERSION} for `target` at `output`: the one that runs
 * this, if it is such a one, or that of Deno's npm package.
 */
export async function obtainRuntime(
  output: string,
  { target, signal, onProgress }: BuildOptions & { target: LinuxTarget },
): Promise<void> {
  if (await isOwnRuntime(target)) return await Deno.copyFile(Deno.execPath(), output);
  onProgress?.({ label: `fetching Deno ${RUNTIME_VERSION} for ${target} from npm` });
  const executable = join(await fetchPackage(machineOf(target).npmPackage, signal), "deno");
  await linkOrCopy(executable, output);
}

/** Whether the Deno that runs this is what the pack of `target` needs. */
async function isOwnRuntime(target: LinuxTarget): Promise<boolean> {
  const { arch, interpreter } = machineOf(target);
  if (Deno.build.os !== "linux" || Deno.version.deno !== RUNTIME_VERSION) return false;
  const own = await readElfHeader(Deno.execPath());
  return own?.arch === arch && own.interpreter === interpreter;
}

/**
 * Resolves to the folder of the package in Deno's own npm cache. Deno takes the registry from
 * `.npmrc` and `NPM_CONFIG_REGISTRY`, and refuses an archive whose integrity is not the one that the
 * registry states.
 */
async function fetchPackage(name: string, signal: AbortSignal | undefined): Promise<string> {
  const specifier = `npm:${name}@${RUNTIME_VERSION}`;
  // Nothing of this may show in the lock file or the `node_modules` of the project whose tests are running.
  const flags = ["--quiet", "--no-lock", "--node-modules-dir=none"];
  await runTool([Deno.execPath(), "cache", ...flags, specifier], { signal });
  const info = JSON.parse(
    await runTool([Deno.execPath(), "info", "--json", ...flags, specifier], { signal }),
  );
  const [found] = Object.values<{ localPath: string }>(info.npmPackages);
  if (found === undefined) throw new Error(`Cannot find ${specifier} in Deno's npm cache`);
  return found.localPath;
}

/** A hard link costs nothing; the npm cache may be on another disk. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch {
    await Deno.copyFile(from, to);
  }
}
