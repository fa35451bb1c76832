import { join } from "node:path";
import { removeQuietly } from "../../agent/shell/remove_quietly.ts";
import { privateFolder, privateFolders } from "../ownership/mod.ts";

/** The folder with the sockets, in the private folder of the user, which nobody else can enter. */
const FOLDER = "shells";

/** How the names of sockets end. */
const SUFFIX = ".sock";

/** Bytes that the path of a socket may have. */
export const LONGEST_SOCKET_PATH = 107;

/** A socket at which shells are, or were, served. */
export interface ShellSocket {
  readonly path: string;
  /** The id of the run that serves there. */
  readonly run: string;
}

/** Where the guardian of a run serves shells; or, with the id of a cluster, the thread for its agents. */
export function shellSocket(run: string, cluster?: string): string {
  return join(privateFolder(), FOLDER, `${[run, ...cluster ? [cluster] : []].join("-")}${SUFFIX}`);
}

/** The sockets of all runs of this user; throws what the system says where it cannot tell. */
export function findShellSockets(): ShellSocket[] {
  return privateFolders().flatMap((folder) => {
    const path = join(folder, FOLDER);
    return namesIn(path).filter((name) => name.endsWith(SUFFIX)).map((name) => ({
      path: join(path, name),
      run: name.slice(0, -SUFFIX.length).split("-")[0]!,
    }));
  });
}

/** Removes the sockets of a run that is over, and their folder, if no other run has any. */
export function removeShellSockets(run: string): void {
  for (const socket of findShellSockets()) if (socket.run === run) removeQuietly(socket.path);
  for (const folder of privateFolders()) removeQuietly(join(folder, FOLDER));
}

/** Removes orphaned sockets, at which no process listens: a run was killed, and its guardian as well. */
export async function removeDeadShellSockets(): Promise<void> {
  for (const { path, run } of findShellSockets()) {
    if (!await isServed(path)) removeShellSockets(run);
  }
}

/** Whether a process listens there. */
async function isServed(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
    // Another error does not say that no process listens.
    return !(error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.NotFound);
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
