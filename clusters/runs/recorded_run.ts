import { join, resolve } from "node:path";
import { inspectIndex, type RunIndex, RUNS } from "../record/mod.ts";
import { RecordError } from "./record_error.ts";

/** The record of a run. */
export interface RecordedRun {
  /** The name of its folder. */
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
  /** What `run.json` says. */
  readonly index: RunIndex;
}

/** A record that cannot be read. */
export interface UnreadableRun {
  /** The name of its folder. */
  readonly id: string;
  /** Why, as part of a sentence. */
  readonly problem: string;
}

/** Stands for the newest run. */
const LAST = "last";

/** Milliseconds by which the clock of a run may have been ahead of that of now. */
const CLOCK_TOLERANCE = 60_000;

/**
 * The records of the runs whose tests were run in the folder `dir`, the newest first. Those that a
 * wrong clock has put into the future come after them, and then those that cannot be read.
 */
export function listRuns(dir: string): (RecordedRun | UnreadableRun)[] {
  const runs = idsBelow(dir).map((id) => readRun(dir, id));
  return [...runs.filter((run) => "index" in run), ...runs.filter((run) => !("index" in run))];
}

/**
 * The record of one run: `"last"`, the newest that can be read and is not of the future if there is one;
 * the name of its folder, or a part of that which no other has.
 * Throws a {@linkcode RecordError} that says what there is when it is not that of one run, or cannot
 * be read.
 */
export function findRun(dir: string, which: string = LAST): RecordedRun {
  const ids = idsBelow(dir);
  if (ids.length === 0) {
    throw new RecordError(
      `Cannot find a run: none was recorded in ${resolve(dir, RUNS)}; run tests in that folder ` +
        "first, or name another one with --dir",
    );
  }
  const run = which === LAST ? listRuns(dir)[0]! : readRun(dir, oneOf(ids, which));
  if ("index" in run) return run;
  throw new RecordError(`Cannot read run ${run.id}: ${run.problem}`);
}

function oneOf(ids: readonly string[], which: string): string {
  if (ids.includes(which)) return which;
  const found = ids.filter((id) => which !== "" && id.includes(which));
  if (found.length === 1) return found[0]!;
  const state = found.length === 0 ? "there is none of that name" : "several have that name";
  const list = (found.length === 0 ? ids : found).map((id) => `\n  ${id}`).join("");
  throw new RecordError(`Cannot find run "${which}": ${state}; there are:${list}`);
}

/** Names begin with the time, in UTC. */
function idsBelow(dir: string): string[] {
  const runs = resolve(dir, RUNS);
  try {
    const folders = [...Deno.readDirSync(runs)].filter(({ isDirectory }) => isDirectory);
    const ids = folders.map(({ name }) => name).sort().reverse();
    return [...ids.filter((id) => !isOfFuture(id)), ...ids.filter(isOfFuture)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new RecordError(`Cannot list runs: ${runs} cannot be read`, { cause: error });
  }
}

function isOfFuture(id: string): boolean {
  const latest = new Date(Date.now() + CLOCK_TOLERANCE).toISOString();
  const digits = latest.replaceAll(/[-:]/g, "").replace("T", "-").slice(
    0,
    "yyyymmdd-hhmmss".length,
  );
  return /^\d{8}-\d{6}-/.test(id) && id.slice(0, digits.length) > digits;
}

function readRun(dir: string, id: string): RecordedRun | UnreadableRun {
  const folder = join(resolve(dir, RUNS), id);
  const read = inspectIndex(folder);
  return "index" in read ? { id, folder, index: read.index } : { id, problem: read.problem };
}
