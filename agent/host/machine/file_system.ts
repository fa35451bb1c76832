import type { FileSystem } from "../host.ts";

/** A line of Linux's list of mounts. */
type Mount = Pick<FileSystem, "mountPoint" | "type" | "source">;

/** The file system of a folder, whose path has no links in it. */
export async function findFileSystem(folder: string): Promise<FileSystem> {
  if (!(await Deno.stat(folder)).isDirectory) {
    throw new Deno.errors.NotADirectory(`Cannot look at the file system: '${folder}' is no folder`);
  }
  const mounts = parseMounts(await Deno.readTextFile("/proc/self/mountinfo"));
  const isAbove = ({ mountPoint }: Mount) =>
    folder === mountPoint || folder.startsWith(mountPoint === "/" ? "/" : `${mountPoint}/`);
  // Of two at the same place, the later one hides the other.
  const mount = mounts.filter(isAbove)
    .reduce((best, each) => each.mountPoint.length >= best.mountPoint.length ? each : best);
  return { ...mount, ...await roomOf(folder) };
}

/** How much there is, and is left for this user. */
export async function roomOf(folder: string): Promise<Pick<FileSystem, "size" | "free">> {
  const { statfs } = await import("node:fs/promises");
  const { bsize, blocks, bfree, bavail } = await statfs(folder);
  // What is reserved is root's.
  return { size: blocks * bsize, free: (Deno.uid() === 0 ? bfree : bavail) * bsize };
}

/** The mounts of `/proc/self/mountinfo`. */
export function parseMounts(text: string): Mount[] {
  return text.trimEnd().split("\n").map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type = "", source = ""] = after.split(" ");
    return { mountPoint: unescaped(before.split(" ")[4] ?? ""), type, source: unescaped(source) };
  });
}

/** Blanks and the like are octal there. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}
