import { join } from "node:path";
import type { BuildOptions } from "./agent_pack.ts";
import type { AgentSources } from "./agent_sources.ts";
import { runTool } from "./run_tool.ts";

/**
 * Runs the bundle beside it. Modules of Node whose members it imports by name are loaded when one of them
 * is used: those that an agent does not need for its first command take a third of its start.
 */
const LOADER = `const loaded = {};
let isBeginning = true;
function load(name) {
  const found = loaded[name] ??= process.getBuiltinModule(name);
  if (found === undefined) throw new Error("Cannot find module '" + name + "'");
  return found;
}
function later(name) {
  const get = (_, member) => member === "__esModule" ? undefined : load(name)[member];
  return new Proxy({}, { get, ownKeys: () => Reflect.ownKeys(load(name)) });
}
const text = Deno.readTextFileSync(new URL("agent.cjs", import.meta.url));
new Function("require", "module", "exports", text + "\\n//# sourceURL=agent.cjs")(
  (name) => isBeginning ? later(name) : load(name),
  { exports: {} },
  {},
);
isBeginning = false;
`;

/**
 * Bundles the agent, with the packages that it imports, into the JavaScript module `output`.
 *
 * Deno's bundler is esbuild, which Deno fetches from the configured npm registry the first time.
 */
export async function bundleAgent(
  sources: AgentSources,
  output: string,
  options: BuildOptions = {},
): Promise<void> {
  await bundle(sources, output, { format: "esm", ...options });
}

/**
 * Bundles the agent into the folder `dir` for a Deno that runs it often, as `agent.js`. That evaluates
 * the bundle, `agent.cjs`: a module would first be searched for its imports by a parser of Deno's own,
 * which takes 25 ms.
 */
export async function bundleToRun(
  sources: AgentSources,
  dir: string,
  options: BuildOptions = {},
): Promise<void> {
  const output = join(dir, "agent.cjs");
  await bundle(sources, output, { format: "cjs", ...options });
  // Modules are strict; the bundler does not say so when it makes something else of them.
  const text = `"use strict";\n${await Deno.readTextFile(output)}`;
  await Deno.writeTextFile(output, inLatin1(text));
  await Deno.writeTextFile(join(dir, "agent.js"), LOADER);
}

/**
 * Escapes what is beyond Latin-1, in comments and literals: one such character has V8 keep the text in two
 * bytes each, and read it for a quarter longer.
 */
function inLatin1(text: string): string {
  return text.replace(
    /[^\0-\xff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

async function bundle(
  { entry, flags }: AgentSources,
  output: string,
  { format, signal, onProgress }: BuildOptions & { format: "esm" | "cjs" },
): Promise<void> {
  if (Deno.build.standalone) {
    throw new Error("Cannot bundle the agent: a compiled program has no Deno to do it with");
  }
  onProgress?.({ label: "bundling the agent" });
  // Not minified: esbuild then puts a `using` that is used once where it is used, and disposes nothing.
  const shape = ["--platform", "deno", "--format", format, "--output", output];
  await runTool([Deno.execPath(), "bundle", "--quiet", ...flags, ...shape, entry], { signal });
}
