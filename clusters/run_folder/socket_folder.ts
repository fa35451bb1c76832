import { join } from "node:path";

/** Bytes at random: few enough that paths of sockets stay short, and enough that no two are the same. */
const RANDOM_SIZE = 6;

/**
 * A folder for the sockets of one agent, in that of its cluster, which only this user can enter. It does
 * not exist yet. No node has a name like it.
 */
export function socketFolder(clusterFolder: string): string {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_SIZE)).toHex();
  return join(clusterFolder, `.s${random}`);
}
