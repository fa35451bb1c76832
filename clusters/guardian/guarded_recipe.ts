import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTool, ToolError } from "../../agent/build/run_tool.ts";
import type { BackendRecipe } from "../kit/mod.ts";

/** How a guardian finds a backend: a line of JSON. */
export interface GuardedRecipe extends BackendRecipe {
  /**
   * The configuration of the project whose imports the module uses: absent for the modules of this
   * package, which find their own.
   */
  readonly config?: string | undefined;
}

/** Below it are the backends of this package. */
const OWN_MODULES = new URL("../", import.meta.url).href;

/** Names that a project's configuration may have, in the order in which Deno takes them. */
const CONFIGURATIONS = ["deno.json", "deno.jsonc"];

/** Whether a module is one of this package, so that to load it is to run nobody's program. */
export function isOwnModule(module: string): boolean {
  return module.startsWith(OWN_MODULES);
}

/** How a guardian of this process finds a backend. */
export function guardedRecipe({ module, options }: BackendRecipe): GuardedRecipe {
  const config = isOwnModule(module) ? undefined : nearestConfiguration(Deno.cwd());
  return { module, options, config };
}

/** The flags by which `deno` loads modules as the guardian does, wherever it is started. */
export function loadingFlags(config: string | undefined): string[] {
  return ["--quiet", "--no-lock", ...config === undefined ? [] : ["--config", config]];
}

/**
 * Why a guardian could not load the module of a recipe; nothing when it can. No module is run: it may be
 * the program itself, which would make its clusters again.
 */
export async function loadingFailure(
  { module, config }: GuardedRecipe,
): Promise<string | undefined> {
  if (isOwnModule(module)) return undefined;
  try {
    await runTool([Deno.execPath(), "cache", ...loadingFlags(config), module], { cwd: "/" });
    return undefined;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.stderr.match(/^error: (.+)$/m)?.[1] ?? error.reason;
  }
}

function nearestConfiguration(folder: string): string | undefined {
  const found = CONFIGURATIONS.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestConfiguration(parent);
}
