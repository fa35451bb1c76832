import { basename } from "node:path";
import { Readable } from "node:stream";
import { ROOT_DIR } from "./create_request.ts";

/**
 * An archive of a `rootDir` that everybody may write to, for nodes that do not run as root: a new
 * volume is root's.
 */
export async function rootDirArchive(): Promise<Readable> {
  const { pack } = await import("tar-stream");
  const archive = pack();
  archive.entry({ name: basename(ROOT_DIR), type: "directory", mode: 0o777 });
  archive.finalize();
  return Readable.from(archive);
}
