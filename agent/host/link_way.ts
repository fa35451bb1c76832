import { dirname, isAbsolute } from "node:path";
import { unlessGone } from "./tree_walk.ts";

/** Symbolic links that are followed before a path is taken for a loop, as Linux does. */
const LINKS_FOLLOWED = 40;

/** Tells what has a name from all else on this machine; never says that two links are different ones. */
export function identityOf({ dev, ino }: Deno.FileInfo): string {
  return `${dev}:${ino}`;
}

/** Whether the system, on its way to an absolute path, comes by one of these symbolic links. */
export async function leadsThrough(path: string, links: ReadonlySet<string>): Promise<boolean> {
  let ahead = partsOf(path);
  let reached = "";
  for (let followed = 0; ahead.length > 0;) {
    const [part = "", ...rest] = ahead;
    const next = part === ".." ? dirname(reached || "/") : `${reached}/${part}`;
    const info = await Deno.lstat(next).catch(unlessGone);
    if (info === undefined) return false;
    ahead = rest;
    if (!info.isSymlink) {
      reached = next === "/" ? "" : next;
      continue;
    }
    if (links.has(identityOf(info)) || ++followed > LINKS_FOLLOWED) return true;
    const target = await Deno.readLink(next);
    if (isAbsolute(target)) reached = "";
    ahead = [...partsOf(target), ...rest];
  }
  return false;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
