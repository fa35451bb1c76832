import { removeTree } from "../../agent/host/remove_tree.ts";
import { findStrays, killStrays } from "../../agent/host/stray_processes.ts";
import type { SweepOptions, SweepReport, SweptResource } from "../kit/mod.ts";
import { isGone } from "../ownership/mod.ts";
import { findRunFolders, RUN_VARIABLE, type RunFolder } from "./run_folder.ts";

/** A run that is over. */
interface DeadRun {
  readonly id: string;
  readonly folder: string;
  readonly reason: string;
}

/** Finds the processes and folders that dead runs left on this host, and removes them. */
export async function sweepThisHost(options: SweepOptions = {}): Promise<SweepReport> {
  const { dryRun = false, run, signal } = options;
  signal?.throwIfAborted();
  const dead = (await findRunFolders()).flatMap((folder) => deadRun(folder, run));
  const found = await Promise.all(dead.map((run) => sweepRun(run, dryRun)));
  return { found: found.flat() };
}

/** Of a folder whose owner cannot be read nobody knows whether it is still being made. */
function deadRun({ path, run }: RunFolder, wanted: string | undefined): DeadRun[] {
  if (run === undefined || (wanted !== undefined && run.id !== wanted)) return [];
  if (wanted === undefined && !isGone(run.owner)) return [];
  const reason = wanted === undefined
    ? `of run ${run.id}; its owner, process ${run.owner.pid}, is gone`
    : `of run ${run.id}, which is over`;
  return [{ id: run.id, folder: path, reason }];
}

async function sweepRun(
  { id, folder, reason }: DeadRun,
  dryRun: boolean,
): Promise<SweptResource[]> {
  const traits = { marker: { [RUN_VARIABLE]: id }, folder };
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
  const processes = await killStrays(traits).then(
    (pids) => pids.map((pid) => swept("process", `${pid}`, "removed")),
    (error) => [swept("process", id, { failed: (error as Error).message })],
  );
  const outcome = await removeTree(folder, { force: true }).then(
    () => "removed" as const,
    (error) => ({ failed: String(error) }),
  );
  return [...processes, swept("folder", folder, outcome)];
}
