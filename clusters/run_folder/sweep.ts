import { basename } from "node:path";
import { findStrays, killStrays, type StrayTraits } from "../../agent/host/stray_processes.ts";
import type { SweepOptions, SweepReport, SweptResource } from "../kit/mod.ts";
import { removeDeadShellSockets } from "../shell/mod.ts";
import { isRunId, stateOf } from "../ownership/mod.ts";
import { findRunFolders, removeRunFolder, RUN_VARIABLE, type RunFolder } from "./run_folder.ts";

/** A run that is over. */
interface DeadRun {
  readonly id: string;
  readonly folder: string;
  readonly reason: string;
}

/**
 * Milliseconds without a change after which a folder is dead that no process uses: if nothing says
 * whose it is, which is so only while it is being made, and if its owner cannot be judged from here.
 */
const UNUSED_LIFE = { unowned: 60 * 60 * 1000, unjudged: 24 * 60 * 60 * 1000 };

/** Finds the processes and folders that dead runs left on this host, and removes them. */
export async function sweepThisHost(options: SweepOptions = {}): Promise<SweepReport> {
  const { dryRun = false, run, signal } = options;
  signal?.throwIfAborted();
  const folders = await findRunFolders();
  const dead = await Promise.all(folders.map((folder) => deadRun(folder, run)));
  const found = await Promise.all(dead.flat().map((run) => sweepRun(run, dryRun)));
  if (!dryRun) await removeDeadShellSockets();
  return { found: found.flat() };
}

async function deadRun(folder: RunFolder, wanted: string | undefined): Promise<DeadRun[]> {
  const id = basename(folder.path);
  if (wanted !== undefined && id !== wanted) return [];
  const cause = wanted === undefined ? await causeOfDeath(folder) : ", which is over";
  if (cause === undefined) return [];
  return [{ id, folder: folder.path, reason: `of run ${id}${cause}` }];
}

/** Completes the reason for which a folder is dead; `undefined` when it is not. */
async function causeOfDeath(folder: RunFolder): Promise<string | undefined> {
  const { path, run } = folder;
  const state = run === undefined ? "unowned" : stateOf(run.owner);
  switch (state) {
    case "alive":
      return undefined;
    case "gone":
      return `; its owner, process ${run?.owner.pid}, is gone`;
    case "unowned":
      if (!isRunId(basename(path)) || !await isUnused(folder, UNUSED_LIFE.unowned)) {
        return undefined;
      }
      return "; nothing says whose it is, nor uses it";
    case "unknown":
      if (!await isUnused(folder, UNUSED_LIFE.unjudged)) return undefined;
      return "; its owner was in another boot or namespace, and nothing uses it";
    default:
      return state satisfies never;
  }
}

async function isUnused({ path, changed }: RunFolder, life: number): Promise<boolean> {
  if (Date.now() - changed < life) return false;
  return (await findStrays(traitsOf(basename(path), path))).length === 0;
}

/** By which the processes of a run are found. */
function traitsOf(id: string, folder: string): StrayTraits {
  return { marker: { [RUN_VARIABLE]: id }, folder };
}

async function sweepRun(
  { id, folder, reason }: DeadRun,
  dryRun: boolean,
): Promise<SweptResource[]> {
  const traits = traitsOf(id, folder);
  const swept = (kind: string, id: string, outcome: SweptResource["outcome"]) => ({
    kind,
    id,
    reason,
    outcome,
  });
  if (dryRun) {
    const pids = await findStrays(traits);
    const processes = pids.map((pid) => swept("process", `${pid}`, "would be removed"));
    return [...processes, swept("folder", folder, "would be removed")];
  }
  let processes: SweptResource[];
  try {
    const pids = await killStrays(traits);
    processes = pids.map((pid) => swept("process", `${pid}`, "removed"));
  } catch (error) {
    // Without its folder, no later sweep would look for what is left of the run.
    return [swept("process", id, { failed: (error as Error).message })];
  }
  const outcome = await removeRunFolder(folder).then(
    () => "removed" as const,
    (error) => ({ failed: String(error) }),
  );
  return [...processes, swept("folder", folder, outcome)];
}
