import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { runTool } from "./run_tool.ts";

/** Where an agent's source is, and how `deno` is to read it. */
export interface AgentSources {
  /** URL of the main module: a file, or `https:` when the library was imported from a registry. */
  readonly entry: string;
  /** Flags of `deno info` and `deno bundle` by which its imports resolve as they were meant to. */
  readonly flags: readonly string[];
}

/** The sources of the agent that belongs to this copy of the library. */
export function ownSources(): AgentSources {
  return sourcesAt(
    new URL("../main.ts", import.meta.url),
    new URL("../../deno.json", import.meta.url),
  );
}

/**
 * Sources whose main module is `entry`. As files, their bare imports resolve by the `deno.json`
 * given; a registry has written them out, and then no configuration of whoever imports the library
 * may interfere.
 */
export function sourcesAt(entry: URL, config: URL): AgentSources {
  const flags = entry.protocol === "file:"
    ? ["--config", fileURLToPath(config)]
    : ["--no-config", "--no-lock", `--allow-import=${entry.host}`];
  return { entry: entry.href, flags };
}

/** The parts of `deno info --json` that matter here. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly local?: string;
    readonly error?: string;
  }[];
  readonly npmPackages?: Readonly<Record<string, unknown>>;
}

/**
 * Hash of everything that a bundle of these sources is made of: each module, wherever it was loaded
 * from, and the exact version of each package. The same sources in two places have the same hash.
 */
export async function hashSources(
  { entry, flags }: AgentSources,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const command = [Deno.execPath(), "info", "--json", ...flags, entry];
  const graph: ModuleGraph = JSON.parse(await runTool(command, { signal }));
  const modules = await Promise.all(graph.modules.map(async ({ specifier, local, error }) => {
    if (error !== undefined) throw new Error(`Cannot read the agent's sources: ${error}`);
    const content = local === undefined ? "" : await sha256OfFile(local);
    return `${relative(specifier, entry)} ${content}`;
  }));
  const parts = [...modules, ...Object.keys(graph.npmPackages ?? {})].sort();
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

function relative(specifier: string, entry: string): string {
  const root = new URL("..", entry).href;
  return specifier.startsWith(root) ? specifier.slice(root.length) : specifier;
}

async function sha256OfFile(path: string): Promise<string> {
  return createHash("sha256").update(await Deno.readFile(path)).digest("hex");
}
