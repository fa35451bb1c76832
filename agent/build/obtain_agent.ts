import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AgentPack, AgentTarget, BuildOptions } from "./agent_pack.ts";
import { type AgentSources, hashSources, ownSources } from "./agent_sources.ts";
import { buildPack } from "./build_pack.ts";
import { cacheDir } from "./cache_dir.ts";
import { makeFolderOnce, pruneFolders, touchFolder } from "./folder_cache.ts";
import { openPack } from "./pack_manifest.ts";

/** Hash of this process's own sources, which stay what they were when it loaded them. */
let ownHash: string | undefined;

/**
 * The agent for `target`, ready to be sent to a node: what `deno task agent` has put into `dist/`,
 * if it was made from these sources; else from the cache; else built into the cache, which takes
 * seconds and may download.
 *
 * Several processes may ask at once: one builds, the others wait for it. Throws an error that says
 * why in one line when the agent cannot be built; an abort leaves nothing half made.
 * Needs permission to run Deno, to read the sources and to write the cache.
 */
export async function obtainAgent(
  target: AgentTarget,
  options: BuildOptions = {},
): Promise<AgentPack> {
  const sources = ownSources();
  ownHash ??= await hashSources(sources, options);
  return await obtainPack(target, {
    ...options,
    sources: { ...sources, hash: ownHash },
    cache: join(cacheDir(), "agent"),
    dist: distDir(),
  });
}

/** The folder in which `deno task agent` puts its packs; none when imported from a registry. */
export function distDir(): string | undefined {
  const url = new URL("../../dist/agent/", import.meta.url);
  return url.protocol === "file:" ? fileURLToPath(url) : undefined;
}

/** Where to look for a pack, and what to build it from. */
export interface PackPlaces extends BuildOptions {
  readonly sources: AgentSources & {
    /** What {@linkcode hashSources} says of them. @default it is asked */
    readonly hash?: string;
  };
  /** Folder of packs by key. */
  readonly cache: string;
  /** Folder of packs by target. */
  readonly dist?: string | undefined;
}

/** As {@linkcode obtainAgent}, for any sources and folders. */
async function obtainPack(
  target: AgentTarget,
  { sources, cache, dist, ...options }: PackPlaces,
): Promise<AgentPack> {
  const hash = sources.hash ?? await hashSources(sources, options);
  const made = dist === undefined ? undefined : await openPack(join(dist, target));
  if (made?.sources === hash) return made;
  const dir = join(cache, `${target}-${await cacheKey(hash)}`);
  const cached = await openPack(dir);
  if (cached === undefined) return await build(dir, { ...sources, hash }, { target, ...options });
  await touchFolder(dir);
  return cached;
}

/** Builds the pack of `target` at `dir`, unless another process has done so in the meantime. */
async function build(
  dir: string,
  sources: AgentSources & { hash: string },
  options: BuildOptions & { target: AgentTarget },
): Promise<AgentPack> {
  const { target } = options;
  await makeFolderOnce(dir, {
    ...options,
    lock: join(dirname(dir), `.${target}.lock`),
    isMade: async () => await openPack(dir) !== undefined,
    make: (half) => buildPack(half, sources, options),
  });
  await pruneFolders(dirname(dir), `${target}-`);
  const pack = await openPack(dir);
  if (pack === undefined) throw new Error(`Cannot open the agent that was built in "${dir}"`);
  return pack;
}

/** Beside the sources, what runs them decides what a pack is. */
async function cacheKey(hash: string): Promise<string> {
  const base = Deno.env.get("DENORT_BIN");
  const info = base ? await Deno.stat(base) : undefined;
  const parts = [hash, Deno.version.deno, base, info?.size, info?.mtime?.getTime()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
