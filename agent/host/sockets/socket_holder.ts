import { asOwnerOf } from "../as_owner_of.ts";

/** Which of these processes has a socket open; `undefined` if none of them has, as far as can be seen. */
export function holderOf(inode: string, pids: Iterable<number>): number | undefined {
  const target = `socket:[${inode}]`;
  for (const pid of pids) {
    try {
      if (asOwnerOf(pid, () => hasOpen(pid, target))) return pid;
    } catch {
      // It has ended, or is another user's.
    }
  }
  return undefined;
}

function hasOpen(pid: number, target: string): boolean {
  const folder = `/proc/${pid}/fd`;
  for (const { name } of Deno.readDirSync(folder)) {
    try {
      if (Deno.readLinkSync(`${folder}/${name}`) === target) return true;
    } catch {
      // Closed meanwhile.
    }
  }
  return false;
}
