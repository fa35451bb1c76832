import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import type { ProcessIdentity } from "../kit/mod.ts";
import { removeOldRuns } from "./old_runs.ts";
import { runSettings } from "./run_settings.ts";
import { LAYOUT_VERSION, readIndex, type RunIndex, writeIndex } from "./run_index.ts";

/** Where runs are recorded, below the runner's current folder. */
export const RUNS = ".clustertest/runs";

/** The lock for making a folder there, changing an index, and removing old runs. */
const LOCK = ".lock";

/**
 * Makes the folder of the invocation that `owner` is, or finds it, if another test file of the same
 * process has made it: each has a thread of its own.
 */
export function openRunFolder(dir: string, owner: ProcessIdentity): string {
  const runs = join(dir, RUNS);
  Deno.mkdirSync(runs, { recursive: true });
  return whileLocked(runs, () => {
    const found = ownFolder(runs, owner);
    if (found !== undefined) return found;
    // Keeps records out of the repository of the tests.
    Deno.writeTextFileSync(join(dir, ".clustertest", ".gitignore"), "*\n");
    const folder = join(runs, folderName(owner));
    // Outputs and command lines may hold secrets: other users of this machine must not read them.
    Deno.mkdirSync(folder, { mode: 0o700 });
    writeIndex(folder, newIndex(owner));
    removeOldRuns(runs);
    return folder;
  });
}

/** Changes the index of a run, of which several threads and the guardian know. */
export function changeIndex(folder: string, change: (index: RunIndex) => RunIndex): void {
  whileLocked(join(folder, ".."), () => {
    const index = readIndex(folder);
    if (!index) throw new Deno.errors.NotFound(`There is no index in ${folder}`);
    const changed = change(index);
    if (changed !== index) writeIndex(folder, changed);
  });
}

/** Excludes other threads as well as other processes. */
function whileLocked<T>(runs: string, work: () => T): T {
  using lock = Deno.openSync(join(runs, LOCK), { write: true, create: true });
  lock.lockSync(true);
  return work();
}

function ownFolder(runs: string, owner: ProcessIdentity): string | undefined {
  const identity = JSON.stringify(owner);
  return [...Deno.readDirSync(runs)]
    .filter(({ name }) => name.endsWith(suffixOf(owner)))
    .map(({ name }) => join(runs, name))
    .find((folder) => JSON.stringify(readIndex(folder)?.owner) === identity);
}

/** Sorts by time. */
function folderName(owner: ProcessIdentity): string {
  const [date, time] = new Date().toISOString().replace(/\..*/, "").split("T");
  return `${date!.replaceAll("-", "")}-${time!.replaceAll(":", "")}${suffixOf(owner)}`;
}

function suffixOf({ pid }: ProcessIdentity): string {
  return `-p${pid}`;
}

function newIndex(owner: ProcessIdentity): RunIndex {
  const { os, arch } = Deno.build;
  return {
    layout: LAYOUT_VERSION,
    owner,
    started: Date.now(),
    command: commandLine(),
    cwd: Deno.cwd(),
    settings: runSettings(),
    versions: {
      clustertest: config.version,
      deno: Deno.version.deno,
      os: `${os} ${Deno.osRelease()}`,
      arch,
    },
    clusters: [],
  };
}

/** As it was typed, where the system tells: a test file does not know the flags of `deno test`. */
function commandLine(): string[] {
  try {
    return Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(0, -1);
  } catch {
    return [Deno.execPath(), ...Deno.args];
  }
}
