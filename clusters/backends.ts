import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Backend } from "./kit/mod.ts";

/** What every module of a backend exports. */
interface BackendModule {
  backendFromEnvironment(): Backend;
  /** The backend that a recipe of the module means: good for a sweep. */
  backendFromRecipe(options: unknown): Backend;
}

/** The names that `CLUSTERTEST_BACKEND` may have; each one's module is in the folder of its name. */
export const backendNames: readonly string[] = ["local", "loopback", "docker", "ec2", "kubernetes"];

/** Where a relative path leads that was asked for once, wherever the current folder is since then. */
const resolved = new Map<string, string>();

/**
 * The backend with this name, configured by the environment; or that of a module, which is named by a
 * path that begins with `./`, `../` or `/`, by a `file:` URL, or as an import of the current project.
 * Throws a `RangeError` that lists the known names when there is none, and says that `source` names
 * it; and a `TypeError` when the module cannot be loaded, or is none of a backend.
 */
export async function backendByName(name: string, source: string): Promise<Backend> {
  const isNamed = backendNames.includes(name);
  const loading = isNamed ? loadNamed(name) : import(moduleOf(name, source));
  const loaded = await loading.catch((cause: Error) => {
    throw new TypeError(`Cannot load the backend "${name}" of ${source}: ${cause.message}`, {
      cause,
    });
  });
  if (isNamed) return loaded.backendFromEnvironment();
  const unusable = `Cannot use "${name}" of ${source} as a backend`;
  if (typeof loaded.backendFromEnvironment !== "function") {
    throw new TypeError(`${unusable}: it does not export backendFromEnvironment()`);
  }
  const backend = await loaded.backendFromEnvironment();
  if (typeof backend?.open === "function") return backend;
  throw new TypeError(
    `${unusable}: its backendFromEnvironment() gives none, but ${Deno.inspect(backend)}`,
  );
}

/**
 * What a backend's name stands for: itself, or the URL of a module. Throws what
 * {@linkcode backendByName} would if there can be no backend with this name.
 */
export function resolveBackend(name: string, source: string): string {
  return backendNames.includes(name) ? name : moduleOf(name, source);
}

/** What {@linkcode resolveBackend} says of the backend with this module: its name, or the module. */
export function backendOfModule(module: string): string {
  const isOf = (name: string) => urlOf(name) === module;
  return backendNames.find(isOf) ?? module;
}

/**
 * Makes a backend again of what {@linkcode resolveBackend} says of it, and of a recipe's options. Runs
 * the module: for what the command line or the environment names, and nobody else.
 */
export async function backendOfRecipe(resolved: string, options: unknown): Promise<Backend> {
  const isOwn = backendNames.includes(resolved);
  const module: BackendModule = isOwn ? await loadNamed(resolved) : await import(resolved);
  return module.backendFromRecipe(options);
}

/**
 * Loads a backend of this package. What is named by a literal, Deno looks for before it begins to run a
 * program, and fetches on a new machine: so only the default is, and not the packages of all the others.
 */
async function loadNamed(name: string): Promise<BackendModule> {
  return name === "local" ? await import("./local/mod.ts") : await import(urlOf(name));
}

/** The URL of a module of this package. */
function urlOf(name: string): string {
  return import.meta.resolve(`./${name}/mod.ts`);
}

/** The URL of the module that a backend's name stands for. */
function moduleOf(name: string, source: string): string {
  if (/^\.\.?\//.test(name) || isAbsolute(name)) return fileUrl(name);
  if (URL.canParse(name)) {
    if (new URL(name).protocol === "file:") return name;
    throw new RangeError(
      `Cannot load the backend "${name}" of ${source}: modules from elsewhere are not loaded by ` +
        `name; add it to the imports of deno.json, and use the name that it has there`,
    );
  }
  const url = importOf(name);
  if (url !== undefined) return url;
  throw new RangeError(
    `Unknown backend "${name}" in ${source}: the known ones are ` +
      backendNames.map((name) => `"${name}"`).join(", ") +
      "; a module of your own is named by a path, such as ./backend.ts, or as in your imports",
  );
}

function fileUrl(path: string): string {
  const known = resolved.get(path);
  if (known !== undefined) return known;
  const url = pathToFileURL(isAbsolute(path) ? path : join(Deno.cwd(), path)).href;
  resolved.set(path, url);
  return url;
}

/** What an import of this name would load, if the project has one. */
function importOf(name: string): string | undefined {
  try {
    return import.meta.resolve(name);
  } catch {
    return undefined;
  }
}
