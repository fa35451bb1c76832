/**
 * `deno task agent`: makes the packs that are sent to nodes, into `dist/agent/<target>/`.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type AgentPack, type LinuxTarget, linuxTargets } from "../agent/build/agent_pack.ts";
import { hashSources, ownSources } from "../agent/build/agent_sources.ts";
import { buildPack } from "../agent/build/build_pack.ts";
import { makeFolderOnce } from "../agent/build/folder_cache.ts";
import { writeImageArchive } from "../agent/build/image_archive.ts";
import { distDir } from "../agent/build/obtain_agent.ts";
import { openPack } from "../agent/build/pack_manifest.ts";
import { print, runTask } from "./run_task.ts";

/** What an image is called, without its tag. */
const IMAGE_NAME = "clustertest-agent";

const HELP = `Makes the node agent for Linux, with everything that it needs to run in any image.

Usage: deno task agent [--target TARGET]... [--image FILE]

  --target TARGET  ${linuxTargets.join(" or ")}; may be repeated (default: both)
  --image FILE     Write an image of containers with the agent, too, as an archive of OCI: for
                   "docker load", or to be pushed to a registry
  --name NAME      The image's name (default: ${IMAGE_NAME}:VERSION, of the agent)
  --help           Show this

The packs go into dist/agent/TARGET/, where backends find them. Nobody needs to run this: without it
a backend makes the pack that it needs, into a cache.

The agent is compiled by "deno compile". Where its base runtime cannot be downloaded, the pack holds
the Deno executable from npm and the bundled agent instead. Environment:

  DENORT_BIN                 A base runtime to use, in place of the one that would be downloaded
  NPM_CONFIG_REGISTRY        The npm registry (also from .npmrc)
  CLUSTERTEST_DEBIAN_MIRROR  A Debian mirror, for the C library of another architecture than this
`;

/** Runs the task; resolves to its exit code. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: "string", multiple: true },
      image: { type: "string" },
      name: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return print(HELP);
  const { image, name } = values;
  if (name !== undefined) checkName(name, image);
  const targets = new Set((values.target ?? linuxTargets).map(linuxTarget));
  const packs: AgentPack[] = [];
  for (const target of targets) packs.push(await make(target));
  if (image !== undefined) await writeImage(image, { packs, name });
  return 0;
}

function checkName(name: string, image: string | undefined): void {
  if (image === undefined) throw new TypeError("Cannot name an image: --image says no file");
  if (/^[a-z0-9][a-z0-9._/:-]*$/.test(name)) return;
  throw new TypeError(`Cannot name an image "${name}": it has to be as "registry/agent:tag"`);
}

async function writeImage(
  file: string,
  { packs, name }: { readonly packs: readonly AgentPack[]; readonly name: string | undefined },
): Promise<void> {
  const named = name ?? `${IMAGE_NAME}:${packs[0]!.version.slice(0, 12)}`;
  const path = resolve(file);
  await writeImageArchive(path, { packs, name: named });
  const { size } = await Deno.stat(path);
  print(`${named}: ${(size / 1e6).toFixed(1)} MB, in ${path}\n`);
}

function linuxTarget(name: string): LinuxTarget {
  const target = linuxTargets.find((each) => each === name);
  if (target) return target;
  throw new RangeError(
    `Cannot make an agent for "${name}": targets are ${linuxTargets.join(", ")}`,
  );
}

async function make(target: LinuxTarget): Promise<AgentPack> {
  const dist = distDir();
  if (dist === undefined) throw new Error("Cannot make agents: this is not a checkout");
  const started = performance.now();
  const sources = ownSources();
  const hash = await hashSources(sources);
  const dir = join(dist, target);
  await makeFolderOnce(dir, {
    lock: join(dist, `.${target}.lock`),
    isMade: () => Promise.resolve(false),
    make: (half) => buildPack(half, { ...sources, hash }, { target, onProgress: steps() }),
  });
  const pack = await openPack(dir);
  if (!pack) throw new Error(`Cannot use the agent that was made: ${dir} has lost a file`);
  const size = `${(pack.size / 1e6).toFixed(1)} MB`;
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  print(`${target}: ${size} in ${seconds}, ${pack.runtime}, in ${dir}\n`);
  return pack;
}

/** Prints each step once. */
function steps(): (progress: { label: string }) => void {
  let last = "";
  return ({ label }) => {
    if (label !== last) print(`  ${label}\n`);
    last = label;
  };
}

if (import.meta.main) await runTask(main);
