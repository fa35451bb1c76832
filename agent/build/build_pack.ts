import { join } from "node:path";
import { agentFlags } from "./agent_environment.ts";
import type { AgentTarget, BuildOptions, LinuxTarget } from "./agent_pack.ts";
import type { AgentSources } from "./agent_sources.ts";
import { bundleAgent, bundleToRun } from "./bundle_agent.ts";
import { BaseRuntimeMissing, compileAgent } from "./compile_agent.ts";
import { fetchDebianLibraries } from "./debian_libraries.ts";
import { obtainRuntime, RUNTIME_VERSION } from "./deno_runtime.ts";
import { copyHostLibraries } from "./host_libraries.ts";
import { machineOf } from "./linux_machine.ts";
import { DENO_PLACEHOLDER, DIR_PLACEHOLDER, fillIn, writeManifest } from "./pack_manifest.ts";
import { checkStart } from "./start_check.ts";

/** How a pack's agent is started, and a line that says what it is. */
interface Program {
  readonly command: readonly string[];
  readonly runtime: string;
}

const RUN_BUNDLE: readonly string[] = ["run", ...agentFlags, `${DIR_PLACEHOLDER}/agent.js`];

/**
 * Builds a pack in `dir`, an empty folder. The manifest comes last, after the agent has been seen to
 * start, if this host is of the target's kind.
 *
 * A pack for Linux holds the compiled agent. Where the base runtime for that cannot be had, it holds
 * a Deno executable and the bundled agent, and is used in the same way.
 */
export async function buildPack(
  dir: string,
  sources: AgentSources & { hash: string },
  options: BuildOptions & { target: AgentTarget },
): Promise<void> {
  const { target, ...rest } = options;
  const program = target === "native"
    ? await nativeProgram(dir, sources, rest)
    : await linuxProgram(dir, sources, { target, ...rest });
  await checkStart(fillIn(program.command, dir), options);
  await writeManifest(dir, { target, sources: sources.hash, ...program });
}

async function nativeProgram(
  dir: string,
  sources: AgentSources,
  options: BuildOptions,
): Promise<Program> {
  await bundleToRun(sources, dir, options);
  const runtime = `Deno ${Deno.version.deno} of this host with the bundled agent`;
  return { command: [DENO_PLACEHOLDER, ...RUN_BUNDLE], runtime };
}

type LinuxBuild = BuildOptions & { target: LinuxTarget };

async function linuxProgram(
  dir: string,
  sources: AgentSources,
  options: LinuxBuild,
): Promise<Program> {
  await addLibraries(join(dir, "lib"), options);
  const program = await compiledProgram(dir, sources, options) ??
    await bundledProgram(dir, sources, options);
  return { ...program, command: [...loaderCommand(options.target), ...program.command] };
}

/** Started through the pack's own loader, a program needs nothing of the image that it runs in. */
function loaderCommand(target: LinuxTarget): string[] {
  const lib = `${DIR_PLACEHOLDER}/lib`;
  return [`${lib}/${machineOf(target).loader}`, "--library-path", lib];
}

async function addLibraries(lib: string, options: LinuxBuild): Promise<void> {
  await Deno.mkdir(lib);
  if (!await copyHostLibraries(lib, options)) await fetchDebianLibraries(lib, options);
}

/** Compiles the agent; resolves to `undefined` where the base runtime cannot be had. */
async function compiledProgram(
  dir: string,
  sources: AgentSources,
  options: LinuxBuild,
): Promise<Program | undefined> {
  const bundle = join(dir, "agent.js");
  await bundleAgent(sources, bundle, options);
  try {
    await compileAgent(bundle, join(dir, "agent"), options);
  } catch (error) {
    if (!(error instanceof BaseRuntimeMissing)) throw error;
    options.onProgress?.({
      label: `packing Deno ${RUNTIME_VERSION} with the bundled agent: ${error.message}`,
    });
    return undefined;
  }
  await Deno.remove(bundle);
  return {
    command: [`${DIR_PLACEHOLDER}/agent`],
    runtime: `compiled by Deno ${Deno.version.deno}`,
  };
}

async function bundledProgram(
  dir: string,
  sources: AgentSources,
  options: LinuxBuild,
): Promise<Program> {
  await bundleToRun(sources, dir, options);
  await obtainRuntime(join(dir, "deno"), options);
  return {
    command: [`${DIR_PLACEHOLDER}/deno`, ...RUN_BUNDLE],
    runtime: `Deno ${RUNTIME_VERSION} with the bundled agent`,
  };
}
