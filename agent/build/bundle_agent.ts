import type { BuildOptions } from "./agent_pack.ts";
import type { AgentSources } from "./agent_sources.ts";
import { runTool } from "./run_tool.ts";

/**
 * Bundles the agent, with the packages that it imports, into the JavaScript file `output`.
 *
 * Deno's bundler is esbuild, which Deno fetches from the configured npm registry the first time.
 */
export async function bundleAgent(
  { entry, flags }: AgentSources,
  output: string,
  { signal, onProgress }: BuildOptions = {},
): Promise<void> {
  if (Deno.build.standalone) {
    throw new Error("Cannot bundle the agent: a compiled program has no Deno to do it with");
  }
  onProgress?.({ label: "bundling the agent" });
  // Not minified: esbuild then puts a `using` that is used once where it is used, and disposes nothing.
  const shape = ["--platform", "deno", "--output", output];
  await runTool([Deno.execPath(), "bundle", "--quiet", ...flags, ...shape, entry], { signal });
}
