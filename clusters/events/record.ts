import { join } from "node:path";
import type { RunIdentity } from "../kit/mod.ts";
import type { EventStream } from "./event_stream.ts";
import type { ClusterEvent } from "./events.ts";
import { stateOf } from "../ownership/mod.ts";

/** Where records are kept, below the current folder. */
const RECORDS = ".clustertest/runs";

/** Records that are kept; older ones of runs that are over are removed. */
const RECORDS_KEPT = 10;

/** Milliseconds for which a run is taken to go on that cannot be judged from here. */
const UNJUDGED_LIFE = 24 * 60 * 60 * 1000;

/** Characters of each output of a command that the record keeps. */
const MAX_OUTPUT = 64 * 1024;

/** Whose record it is. */
export interface RecordOptions {
  readonly run: RunIdentity;
  /** The cluster's. */
  readonly name: string;
  /** The folder below which records are kept. @default the current one */
  readonly dir?: string | undefined;
}

/**
 * Writes every event, with the outputs of commands, as a line of JSON into
 * `.clustertest/runs/<run>/<cluster>.jsonl`, until it is disposed. Each line is there as soon as the
 * event was, so that a test that is killed leaves its record. A folder that cannot be written to is
 * told by one event, and harms nothing.
 */
export function recordRun(events: EventStream, options: RecordOptions): Disposable {
  const stack = new DisposableStack();
  let file: Deno.FsFile | undefined;
  const fail = (error: unknown) => {
    subscription[Symbol.dispose]();
    events.emit({ type: "warning", message: `Cannot record the run: ${error}` });
  };
  const subscription = stack.use(events.subscribe((event) => {
    try {
      file ??= stack.use(openRecord(event.cluster, options));
      writeLine(file, event);
    } catch (error) {
      fail(error);
    }
  }));
  return stack;
}

function openRecord(cluster: string, { run, name, dir = Deno.cwd() }: RecordOptions): Deno.FsFile {
  const records = join(dir, RECORDS);
  const folder = join(records, run.id);
  if (!exists(folder)) {
    Deno.mkdirSync(folder, { recursive: true });
    // What is recorded is nobody's source.
    Deno.writeTextFileSync(join(dir, ".clustertest", ".gitignore"), "*\n");
    Deno.writeTextFileSync(join(folder, "run.json"), JSON.stringify(run));
    removeOldRecords(records, run.id);
  }
  return Deno.openSync(join(folder, `${name}-${cluster}.jsonl`), { append: true, create: true });
}

function writeLine(file: Deno.FsFile, event: ClusterEvent): void {
  const line = JSON.stringify(event, (_, value) => {
    if (typeof value !== "string" || value.length <= MAX_OUTPUT) return value;
    return `…${value.slice(-MAX_OUTPUT)}`;
  });
  let rest = new TextEncoder().encode(`${line}\n`);
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
}

/** Names sort by time. What another process removes at the same time is not missed. */
function removeOldRecords(records: string, own: string): void {
  const names = [...Deno.readDirSync(records)].map(({ name }) => name).sort();
  for (const name of names.slice(0, -RECORDS_KEPT)) {
    if (name === own || isRunning(join(records, name))) continue;
    try {
      Deno.removeSync(join(records, name), { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function isRunning(record: string): boolean {
  try {
    const { owner } = JSON.parse(Deno.readTextFileSync(join(record, "run.json"))) as RunIdentity;
    const state = stateOf(owner);
    return state === "alive" || state === "unknown" && isRecent(record);
  } catch {
    return false;
  }
}

/** Whether it was begun not long ago: of a run that cannot be judged from here nothing else is known. */
function isRecent(record: string): boolean {
  const { mtime } = Deno.statSync(record);
  return mtime !== null && Date.now() - mtime.getTime() < UNJUDGED_LIFE;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
