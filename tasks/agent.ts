/**
 * `deno task agent`: makes the packs that are sent to nodes, into `dist/agent/<target>/`.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type LinuxTarget, linuxTargets } from "../agent/build/agent_pack.ts";
import { hashSources, ownSources } from "../agent/build/agent_sources.ts";
import { buildPack } from "../agent/build/build_pack.ts";
import { makeFolderOnce } from "../agent/build/folder_cache.ts";
import { distDir } from "../agent/build/obtain_agent.ts";
import { openPack } from "../agent/build/pack_manifest.ts";
import { print, runTask } from "./run_task.ts";

const HELP = `Makes the node agent for Linux, with everything that it needs to run in any image.

Usage: deno task agent [--target TARGET]...

  --target TARGET  ${linuxTargets.join(" or ")}; may be repeated (default: both)
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
    options: { target: { type: "string", multiple: true }, help: { type: "boolean" } },
  });
  if (values.help) return print(HELP);
  const targets = (values.target ?? linuxTargets).map(linuxTarget);
  for (const target of new Set(targets)) await make(target);
  return 0;
}

function linuxTarget(name: string): LinuxTarget {
  const target = linuxTargets.find((each) => each === name);
  if (target) return target;
  throw new RangeError(
    `Cannot make an agent for "${name}": targets are ${linuxTargets.join(", ")}`,
  );
}

async function make(target: LinuxTarget): Promise<void> {
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
  const size = `${((pack?.size ?? 0) / 1e6).toFixed(1)} MB`;
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  print(`${target}: ${size} in ${seconds}, ${pack?.runtime}, in ${dir}\n`);
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
