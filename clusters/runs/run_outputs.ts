import { join } from "node:path";
import { OutputClock } from "./output_clock.ts";
import { RecordedOutput } from "./recorded_output.ts";
import type { OutputIdentity } from "./output_identity.ts";
import type { RecordedRun } from "./recorded_run.ts";

/** A file with an output: the number of the process, its command, and which output. */
const FILE = /^(\d+)-(.*)\.(stdout|stderr)$/;

/** Reads all that processes of a run wrote, also while it is recorded. */
export class RunOutputs {
  readonly #run: RecordedRun;
  readonly #clocks = new Map<string, OutputClock>();
  readonly #outputs = new Map<string, RecordedOutput>();

  constructor(run: RecordedRun) {
    this.#run = run;
  }

  /** Those that there are by now, in the order in which their processes were started. */
  all(): RecordedOutput[] {
    // A run that goes on may have made another cluster meanwhile, which the index that was read lacks.
    for (const cluster of namesIn(this.#run.folder, "folder")) this.#update(cluster);
    return [...this.#outputs.values()].sort(({ source: a }, { source: b }) =>
      a.number - b.number || b.output.localeCompare(a.output)
    );
  }

  #update(cluster: string): void {
    const folder = join(this.#run.folder, cluster);
    const clock = this.#clocks.get(cluster) ??
      new OutputClock(folder, Deno.statSync(folder).birthtime?.getTime() ?? 0);
    this.#clocks.set(cluster, clock);
    clock.update();
    for (const node of namesIn(join(folder, "output"), "folder")) {
      for (const file of namesIn(join(folder, "output", node), "file")) {
        const path = join(folder, "output", node, file);
        const source = sourceOf(file, { cluster, node });
        if (!source || this.#outputs.has(path)) continue;
        this.#outputs.set(path, new RecordedOutput(source, { path, clock }));
      }
    }
  }
}

function sourceOf(
  file: string,
  place: { cluster: string; node: string },
): OutputIdentity | undefined {
  const [, number, command, output] = FILE.exec(file) ?? [];
  if (output !== "stdout" && output !== "stderr") return undefined;
  return { ...place, number: Number(number), command: command!, output };
}

function namesIn(folder: string, kind: "file" | "folder"): string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ isFile, isDirectory }) => kind === "file" ? isFile : isDirectory)
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
