import { LocalHost } from "../../agent/host/local_host.ts";
import type { StoredFiles } from "../kit/mod.ts";
import type { NodePlace } from "./node_place.ts";

/** Opens the files of a node of which nothing runs, as this machine has them. */
export async function openStoredFiles({ rootDir }: NodePlace): Promise<StoredFiles> {
  // A folder that is gone is not made anew.
  await Deno.stat(rootDir);
  return await LocalHost.open({ rootDir, confine: true });
}
