import { createHash } from "node:crypto";
import { join } from "node:path";
import { agentEnvironment } from "./agent_environment.ts";
import type { AgentPack, AgentTarget, PackFile } from "./agent_pack.ts";

/** Name of the file that describes a pack. It is written last: a folder without it is no pack. */
export const MANIFEST_NAME = "manifest.json";

/** Stands, in a manifest's command, for the folder in which the pack is installed. */
export const DIR_PLACEHOLDER = "{dir}";

/** Stands, in the command of a native pack, for the Deno executable of the process that starts it. */
export const DENO_PLACEHOLDER = "{deno}";

/** What `manifest.json` says. Enough for another tool to start the agent of a pack. */
export interface PackManifest {
  /** Of this format; a pack of another is built again. */
  readonly format: 3;
  readonly target: AgentTarget;
  /** Hash of the sources that the agent was made from. */
  readonly sources: string;
  /** Hash of the pack's content. */
  readonly version: string;
  readonly runtime: string;
  /** Arguments, in which `{dir}` and `{deno}` are to be filled in. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly PackFile[];
}

/** What a build knows about the pack that it made. */
export type PackDescription = Pick<PackManifest, "target" | "sources" | "runtime" | "command">;

/** Completes the pack in `dir`: hashes its files and writes the manifest. */
export async function writeManifest(dir: string, pack: PackDescription): Promise<void> {
  const files = await listFiles(dir);
  const content = JSON.stringify([pack.target, pack.command, agentEnvironment, files]);
  const manifest: PackManifest = {
    format: 3,
    ...pack,
    version: createHash("sha256").update(content).digest("hex"),
    env: agentEnvironment,
    files,
  };
  await Deno.writeTextFile(join(dir, MANIFEST_NAME), JSON.stringify(manifest, null, 2) + "\n");
}

/** The pack in `dir`, or `undefined` if there is none, or one that is incomplete. */
export async function openPack(dir: string): Promise<AgentPack | undefined> {
  const manifest = await readManifest(dir);
  if (manifest === undefined || !await isComplete(dir, manifest.files)) return undefined;
  const { format: _, command, ...described } = manifest;
  return {
    ...described,
    dir,
    size: manifest.files.reduce((sum, file) => sum + file.size, 0),
    command: (installDir) => fillIn(command, installDir),
  };
}

/** A pack's command with its placeholders filled in. */
export function fillIn(command: readonly string[], installDir: string): string[] {
  return command.map((word) =>
    word.replaceAll(DIR_PLACEHOLDER, installDir).replaceAll(DENO_PLACEHOLDER, () => Deno.execPath())
  );
}

async function readManifest(dir: string): Promise<PackManifest | undefined> {
  try {
    const manifest = JSON.parse(await Deno.readTextFile(join(dir, MANIFEST_NAME)));
    return manifest.format === 3 ? manifest : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Something that cleans caches may have taken a file. */
async function isComplete(dir: string, files: readonly PackFile[]): Promise<boolean> {
  const checks = files.map(async ({ path, size }) => {
    const info = await Deno.stat(join(dir, path)).catch(() => undefined);
    return info?.isFile === true && info.size === size;
  });
  return (await Promise.all(checks)).every(Boolean);
}

async function listFiles(dir: string, prefix = ""): Promise<PackFile[]> {
  const files: PackFile[] = [];
  for await (const entry of Deno.readDir(join(dir, prefix))) {
    const path = prefix + entry.name;
    if (entry.isDirectory) files.push(...await listFiles(dir, `${path}/`));
    else files.push(await describeFile(dir, path));
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

async function describeFile(dir: string, path: string): Promise<PackFile> {
  const { size, mode } = await Deno.stat(join(dir, path));
  const executable = ((mode ?? 0) & 0o100) !== 0;
  const hash = createHash("sha256");
  using file = await Deno.open(join(dir, path));
  for await (const chunk of file.readable) hash.update(chunk);
  return { path, size, mode: executable ? 0o755 : 0o644, sha256: hash.digest("hex") };
}
