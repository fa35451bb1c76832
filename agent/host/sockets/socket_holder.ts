import { throwIfShortage } from "../descriptor_shortage.ts";
import { OwnerAccess } from "../owner_access.ts";

/** Which of these processes has a socket open; `undefined` if none of them has, as far as can be seen. */
export function holderOf(inode: string, pids: Iterable<number>): number | undefined {
  const target = `socket:[${inode}]`;
  using access = new OwnerAccess();
  for (const pid of pids) {
    try {
      if (access.read(pid, () => hasOpen(pid, target))) return pid;
    } catch (error) {
      // It has ended, or is another user's.
      throwIfShortage(error);
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
