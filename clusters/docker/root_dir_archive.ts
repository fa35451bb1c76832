import { basename } from "node:path";
import { Readable } from "node:stream";
import { TAR_BLOCK, tarHeader } from "../../agent/host/tar_header.ts";
import { ROOT_DIR } from "./agent_container.ts";

/**
 * An archive of a `rootDir` that every user may write to, for nodes that do not run as root: a new
 * volume is root's.
 */
export function rootDirArchive(): Readable {
  const folder = { type: "directory", mode: 0o777, size: 0, mtime: new Date() } as const;
  const header = tarHeader({ name: `${basename(ROOT_DIR)}/`, ...folder });
  return Readable.from([header, new Uint8Array(2 * TAR_BLOCK)]);
}
