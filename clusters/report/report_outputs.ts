import { relative } from "node:path";
import type { OutputIdentity, RecordedOutput } from "../runs/mod.ts";
import { fairShare, KeptLines, PER_LINE, type TimedLine } from "./line_budget.ts";
import type { ReportOutput } from "./report_data.ts";

/** Bytes of all outputs that a page has: of more, each gives its beginning and its end. */
const MAX_OUTPUTS = 14 * 1024 * 1024;

/** Bytes that are read at a time. */
const CHUNK = 256 * 1024;

const NEWLINE = "\n".charCodeAt(0);

/** What is kept of the outputs of a run. */
export interface CollectedOutputs {
  readonly outputs: readonly ReportOutput[];
  /** Lines that were left out. */
  readonly omitted: number;
}

/** Reads what processes of a run wrote, as much as a page can hold. */
export function collectOutputs(
  recorded: readonly RecordedOutput[],
  { folder, laneOf, since, limit = MAX_OUTPUTS }: {
    /** Of the run. */
    readonly folder: string;
    readonly laneOf: (source: OutputIdentity) => number;
    /** The time of a report for a time since the epoch. */
    readonly since: (time: number) => number;
    readonly limit?: number | undefined;
  },
): CollectedOutputs {
  const share = fairShare(recorded.map(({ path }) => costOf(path)), limit);
  let omitted = 0;
  const outputs = recorded.map((output): ReportOutput => {
    const kept = new KeptLines(share);
    for (const line of output.lines({ all: true })) kept.add(line);
    omitted += kept.omitted;
    const { number, command, output: stream } = output.source;
    return {
      ...{ lane: laneOf(output.source), process: number, command, stream },
      ...packed(kept.lines(), since),
      file: relative(folder, output.path),
    };
  });
  return { outputs, omitted };
}

function packed(
  lines: readonly TimedLine[],
  since: (time: number) => number,
): Pick<ReportOutput, "text" | "times"> {
  let before = 0;
  const times = lines.map(({ time }) => {
    const now = Math.max(before, Math.round(since(time)));
    const step = now - before;
    before = now;
    return step;
  });
  // A line may hold what ends a line elsewhere, but not the character that ends lines here.
  return { times, text: lines.map(({ text }) => `${text}\n`).join("") };
}

/** What all lines of a file would take. */
function costOf(path: string): number {
  try {
    using file = Deno.openSync(path);
    const chunk = new Uint8Array(CHUNK);
    let cost = 0;
    for (let size = file.readSync(chunk); size !== null; size = file.readSync(chunk)) {
      cost += size;
      for (let i = chunk.indexOf(NEWLINE); i >= 0 && i < size; i = chunk.indexOf(NEWLINE, i + 1)) {
        cost += PER_LINE;
      }
    }
    return cost;
  } catch {
    return 0; // Old records are removed, also while they are read.
  }
}
