import { join } from "node:path";
import { RUNS } from "../runs_folder.ts";

/** A folder below which runs are recorded, and the names of those that are. */
export interface RecordsFolder extends AsyncDisposable {
  readonly dir: string;
  /** The folders of runs, the oldest first. */
  runs(): Promise<string[]>;
}

/** Makes a folder for records, which is removed when it is disposed. */
export async function recordsFolder(): Promise<RecordsFolder> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-record-" });
  return {
    dir,
    async runs() {
      const entries = await Array.fromAsync(Deno.readDir(join(dir, RUNS)));
      return entries.filter(({ isDirectory }) => isDirectory)
        .map(({ name }) => join(dir, RUNS, name)).sort();
    },
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}
