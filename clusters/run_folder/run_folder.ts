import { basename, dirname, join } from "node:path";
import { removeTree } from "../../agent/host/remove_tree.ts";
import type { ClusterContext, RunIdentity } from "../kit/mod.ts";
import { makeSocketFolders } from "./socket_folder.ts";
import { makePrivate, makePrivateFolder, privateFolder, privateFolders } from "../ownership/mod.ts";

/**
 * The beginning of the names of the owner's files in a run's folder. Each cluster has a file of its own, so
 * that no cluster removes what another still needs.
 */
const OWNER_FILE = "owner";

/** The variable by which the processes of a run are found. */
export const RUN_VARIABLE = "CLUSTERTEST_RUN";

/** The variable by which the processes of a node are found. */
export const NODE_VARIABLE = "CLUSTERTEST_NODE";

/** A run's folder, as a sweep finds it. */
export interface RunFolder {
  readonly path: string;
  /** `undefined` when nothing in it says whose it is. */
  readonly run: RunIdentity | undefined;
  /** When something was last made or removed in it, in milliseconds since the epoch. */
  readonly changed: number;
}

/**
 * Characters of a cluster's id that distinguish it in its run, of which few clusters live at a time.
 * The names of Unix sockets in the folder of a node have 107 bytes at most.
 */
const SHORT_ID = 6;

/** The cluster that a folder is for. */
type FolderOwner = Pick<ClusterContext, "run" | "clusterId">;

/** The folder of a cluster. */
export function clusterFolder({ run, clusterId }: FolderOwner): string {
  return join(privateFolder(), run.id, clusterId.slice(-SHORT_ID));
}

/** Makes a cluster's folder. The first file in the folder of its run names the owner. */
export async function makeClusterFolder(context: FolderOwner): Promise<string> {
  const folder = clusterFolder(context);
  await makePrivateFolder();
  for (;;) {
    try {
      await makePrivate(dirname(folder));
      await Deno.writeTextFile(ownerFile(folder), JSON.stringify(context.run), { mode: 0o600 });
      break;
    } catch (error) {
      // The last cluster that the run had until now may just have removed the run's folder.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  try {
    await makePrivate(folder);
    await makeSocketFolders(folder);
    return folder;
  } catch (error) {
    await removeOwnerFile(folder);
    throw error;
  }
}

/** Removes a cluster's folder, and that of its run if nothing else is in it. */
export async function removeClusterFolder(folder: string): Promise<void> {
  await removeTree(folder, { force: true });
  await removeOwnerFile(folder);
}

/** Removes the folder of a run. What cannot be removed keeps its owner's file, so it is found again. */
export async function removeRunFolder(path: string): Promise<void> {
  const names = await namesIn(path);
  const [owners, others] = [names.filter(isOwnerFile), names.filter((name) => !isOwnerFile(name))];
  for (const name of [...others, ...owners]) await removeTree(join(path, name), { force: true });
  await removeTree(path, { force: true });
}

/** Removes the owner's file of a cluster's folder, and the run's folder if nothing else is in it. */
async function removeOwnerFile(folder: string): Promise<void> {
  await Deno.remove(ownerFile(folder)).catch(() => {});
  // While the run has other clusters this fails, as it should.
  await Deno.remove(dirname(folder)).catch(() => {});
}

/** The folders of all runs of this user. */
export async function findRunFolders(): Promise<RunFolder[]> {
  const paths = privateFolders().map(async (dir) =>
    (await namesIn(dir)).map((name) => join(dir, name))
  );
  return (await Promise.all((await Promise.all(paths)).flat().map(readRunFolder))).flat();
}

/** The folder of a run; empty if it is no folder, or was removed meanwhile. */
async function readRunFolder(path: string): Promise<RunFolder[]> {
  const names = await namesIn(path);
  const seen = await Promise.all([path, ...names.map((name) => join(path, name))].map(lookAt));
  if (!seen[0]?.isDirectory) return [];
  const changed = Math.max(...seen.map((each) => each?.mtime?.getTime() ?? 0));
  return [{ path, run: await readOwner(path, names), changed }];
}

/** The file that says whose a cluster's folder is. */
function ownerFile(folder: string): string {
  return join(dirname(folder), `${OWNER_FILE}-${basename(folder)}.json`);
}

function isOwnerFile(name: string): boolean {
  return name.startsWith(OWNER_FILE);
}

/** One file is enough: clusters of a run have the same owner, and one may just be written or removed. */
async function readOwner(path: string, names: string[]): Promise<RunIdentity | undefined> {
  for (const name of names.filter(isOwnerFile)) {
    const text = await unlessMissing(Deno.readTextFile(join(path, name)));
    try {
      return JSON.parse(text ?? "");
    } catch {
      // The next one may tell.
    }
  }
  return undefined;
}

/** The names in a folder; none if it is not there, or no folder. */
async function namesIn(path: string): Promise<string[]> {
  const entries = await unlessMissing(Array.fromAsync(Deno.readDir(path)));
  return (entries ?? []).map(({ name }) => name);
}

function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  return unlessMissing(Deno.lstat(path));
}

/** What is not there has been removed meanwhile. What cannot be read for another reason may live. */
async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}
