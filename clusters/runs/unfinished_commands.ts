import { join } from "node:path";
import type { ClusterEvent } from "../events/mod.ts";

/** Bytes of an output from which its last lines are taken. */
const TAIL = 16 * 1024;

/** A command that was started, of which no end is recorded. */
export type UnfinishedCommand = Extract<ClusterEvent, { type: "command-started" }>;

/** What a command wrote last: to its standard error, or else to its standard output. */
export function lastWritten(cluster: string, { node, process }: UnfinishedCommand): string {
  const folder = join(cluster, "output", node);
  const number = process.replace(/\D/g, "");
  for (const output of ["stderr", "stdout"]) {
    const file = filesIn(folder).find((name) =>
      name.startsWith(`${number}-`) && name.endsWith(`.${output}`)
    );
    const text = file === undefined ? "" : tailOf(join(folder, file));
    if (text.trim() !== "") return text;
  }
  return "";
}

function filesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // Nothing was written on that node.
  }
}

function tailOf(path: string): string {
  try {
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    file.seekSync(Math.max(0, size - TAIL), Deno.SeekMode.Start);
    const bytes = new Uint8Array(TAIL);
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  } catch {
    return ""; // It was removed meanwhile, as old records are.
  }
}
