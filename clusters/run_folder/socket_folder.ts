import { join } from "node:path";

/** Bytes at random: few enough that paths of sockets stay short, and enough that no two are the same. */
const RANDOM_SIZE = 6;

/** What has the folders of sockets, in the folder of a cluster. No node has a name like it. */
const PARENT = ".s";

/** Makes the folder that has the folders of sockets: no other user can go through it. */
export async function makeSocketFolders(clusterFolder: string): Promise<void> {
  await Deno.mkdir(join(clusterFolder, PARENT), { mode: 0o700 }).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
}

/** A folder for the sockets of one agent, which only this user can reach. It does not exist yet. */
export function socketFolder(clusterFolder: string): string {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_SIZE)).toHex();
  return join(clusterFolder, PARENT, random);
}
