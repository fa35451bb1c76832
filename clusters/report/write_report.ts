import { basename, join, resolve } from "node:path";
import { inspectIndex } from "../record/mod.ts";
import { RecordError } from "../runs/mod.ts";
import { reportHtml } from "./report_html.ts";
import { collectReport } from "./run_report.ts";

/** The report of a run, in its folder. */
export const REPORT = "report.html";

/**
 * Writes the report of a run into its folder, and resolves to its path. Of several that write at the
 * same time, each sees what the ones before it have seen, so that the last one tells of all tests.
 */
export async function writeReport(folder: string): Promise<string> {
  const path = join(folder, REPORT);
  // The folder is only for its user, and so is what is in it.
  using lock = await Deno.open(join(folder, ".report.lock"), { write: true, create: true });
  await lock.lock(true);
  const content = await reportHtml(collectReport(runIn(folder)));
  const next = `${path}.next`;
  await Deno.writeTextFile(next, content);
  await Deno.rename(next, path);
  return path;
}

function runIn(path: string) {
  const folder = resolve(path);
  const id = basename(folder);
  const read = inspectIndex(folder);
  if ("index" in read) return { id, folder, index: read.index };
  throw new RecordError(`Cannot read run ${id}: ${read.problem}`);
}
