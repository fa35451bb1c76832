import { basename, dirname, join } from "node:path";
import { removeTree } from "../../agent/host/remove_tree.ts";
import type { ClusterContext, RunIdentity } from "../kit/mod.ts";

/**
 * How the names of the files begin that say in a run's folder whose it is. Each cluster has one of its
 * own, so that none removes what another still needs.
 */
const OWNER_FILE = "owner";

/** The variable by which the processes of a run are found. */
export const RUN_VARIABLE = "CLUSTERTEST_RUN";

/** The variable by which the processes of a node are found. */
export const NODE_VARIABLE = "CLUSTERTEST_NODE";

/** A run's folder, as a sweep finds it. */
export interface RunFolder {
  readonly path: string;
  /** `undefined` when that cannot be read. */
  readonly run: RunIdentity | undefined;
}

/** The folder below which every run of this user has its own. */
export function runsDir(): string {
  // TMPDIR is not looked at: a sweep, or a guardian, must find what a run with another one made.
  const temp = Deno.build.os === "darwin" ? "/private/tmp" : "/tmp";
  return join(temp, `clustertest-${Deno.uid()}`);
}

/** The folder of a cluster. */
export function clusterFolder({ run, clusterId }: ClusterContext): string {
  return join(runsDir(), run.id, clusterId);
}

/** Makes a cluster's folder. Whose it is stands in that of its run before anything else does. */
export async function makeClusterFolder(context: ClusterContext): Promise<string> {
  const folder = clusterFolder(context);
  await makePrivate(runsDir());
  for (;;) {
    try {
      await makePrivate(dirname(folder));
      await Deno.writeTextFile(ownerFile(folder), JSON.stringify(context.run));
      break;
    } catch (error) {
      // The last cluster that the run had until now may just have removed the run's folder.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  await makePrivate(folder);
  return folder;
}

/** Removes a cluster's folder, and that of its run if nothing else is in it. */
export async function removeClusterFolder(folder: string): Promise<void> {
  await removeTree(folder, { force: true });
  await Deno.remove(ownerFile(folder)).catch(() => {});
  // While the run has other clusters this fails, as it should.
  await Deno.remove(dirname(folder)).catch(() => {});
}

/** The folders of all runs of this user. */
export async function findRunFolders(): Promise<RunFolder[]> {
  const entries = await Array.fromAsync(Deno.readDir(runsDir())).catch(() => []);
  const folders = entries.filter(({ isDirectory }) => isDirectory);
  return await Promise.all(folders.map(async ({ name }) => {
    const path = join(runsDir(), name);
    return { path, run: await readOwner(path) };
  }));
}

async function makePrivate(path: string): Promise<void> {
  await Deno.mkdir(path, { mode: 0o700 }).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  const { uid, isDirectory } = await Deno.lstat(path);
  if (!isDirectory || uid !== Deno.uid()) {
    throw new Deno.errors.PermissionDenied(`Cannot use "${path}": it belongs to another user`);
  }
}

/** The file that says whose a cluster's folder is. */
function ownerFile(folder: string): string {
  return join(dirname(folder), `${OWNER_FILE}-${basename(folder)}.json`);
}

/** One file is enough: clusters of a run have the same owner, and one may just be written or removed. */
async function readOwner(path: string): Promise<RunIdentity | undefined> {
  const entries = await Array.fromAsync(Deno.readDir(path)).catch(() => []);
  for (const { name } of entries.filter(({ name }) => name.startsWith(OWNER_FILE))) {
    try {
      return JSON.parse(await Deno.readTextFile(join(path, name)));
    } catch {
      // The next one may tell.
    }
  }
  return undefined;
}
