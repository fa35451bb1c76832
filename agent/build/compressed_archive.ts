import { dirname, join } from "node:path";
import type { AgentPack, BuildOptions } from "./agent_pack.ts";
import { cacheDir } from "./cache_dir.ts";
import { makeFolderOnce, pruneFolders, touchFolder } from "./folder_cache.ts";
import { packArchive } from "./pack_archive.ts";

/** The files of an archive's folder. */
const ARCHIVE = "agent.tar.gz";
const FACTS = "facts.json";

/** What is known of an archive. */
interface Facts {
  /** Bytes, compressed. */
  readonly size: number;
}

/** The archive of a pack, compressed. */
export interface CompressedArchive extends Facts {
  /** Its bytes, read as they are pulled. Cancelling closes what is read. */
  open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/**
 * The archive that {@linkcode packArchive} makes of a pack, compressed: which takes seconds of a processor,
 * so that it is kept in the cache. Several processes may ask at once: one compresses, the others wait.
 * Where the cache cannot be written to, it is compressed each time that it is asked for, and opened.
 */
export async function compressedArchive(
  pack: AgentPack,
  { cache = cacheDir(), ...options }: BuildOptions & { readonly cache?: string } = {},
): Promise<CompressedArchive> {
  const dir = join(cache, "agent-archive", `${pack.target}-${pack.version.slice(0, 16)}`);
  const facts = await readFacts(dir) ?? await make(pack, dir, options);
  if (facts === undefined) {
    const open = () => Promise.resolve(packArchive(pack, { gzip: true }));
    return { ...await describe(pack, options), open };
  }
  await touchFolder(dir);
  return { ...facts, open: async () => (await Deno.open(join(dir, ARCHIVE))).readable };
}

/** Makes the archive, unless another process has done so meanwhile; `undefined` if there is no place for it. */
async function make(
  pack: AgentPack,
  dir: string,
  options: BuildOptions,
): Promise<Facts | undefined> {
  try {
    await makeFolderOnce(dir, {
      ...options,
      lock: join(dirname(dir), `.${pack.target}.lock`),
      isMade: async () => await readFacts(dir) !== undefined,
      make: async (half) => {
        using file = await Deno.open(join(half, ARCHIVE), { write: true, createNew: true });
        const facts = await describe(pack, { ...options, file });
        await Deno.writeTextFile(join(half, FACTS), JSON.stringify(facts));
      },
    });
    await pruneFolders(dirname(dir), `${pack.target}-`);
  } catch (error) {
    options.signal?.throwIfAborted();
    const isClosed = error instanceof Deno.errors.PermissionDenied ||
      (error as { code?: string }).code === "EROFS";
    if (!isClosed) throw error;
  }
  return await readFacts(dir);
}

async function readFacts(dir: string): Promise<Facts | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(dir, FACTS)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Compresses a pack, into a file if one is given. */
async function describe(
  pack: AgentPack,
  { signal, onProgress, file }: BuildOptions & { readonly file?: Deno.FsFile },
): Promise<Facts> {
  onProgress?.({ label: "compressing the agent" });
  let size = 0;
  for await (const chunk of packArchive(pack, { gzip: true })) {
    signal?.throwIfAborted();
    size += chunk.length;
    for (let rest = chunk; file && rest.length > 0;) rest = rest.subarray(await file.write(rest));
  }
  return { size };
}
