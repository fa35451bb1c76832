import { textAt } from "./read_values.ts";

/** What is known of a process from its line in the table of the kernel. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** When it was started, in ticks since the boot: tells it from a later one with its number. */
  readonly start: number;
  /** Ticks of processor time, with those of its children that have ended and were waited for. */
  readonly ticks: number;
  /** Pages of memory that are in use by it. */
  readonly pages: number;
}

/** A list may be as old as so many times what it took: so lists take a fifth of a percent of a core at most. */
const PATIENCE = 500;

/** Milliseconds that a list may be old in any case. */
const FRESH = 900;

/**
 * The system has one table of processes, and all hosts of this program are interested in it: so this list
 * belongs to no caller.
 */
let latest: { readonly list: readonly ListedProcess[]; taken: number; took: number } | undefined;

/** All processes, as they were a moment ago, or with `isNow` as they are now. */
export function listProcesses({ isNow }: { readonly isNow: boolean }): readonly ListedProcess[] {
  const started = performance.now();
  const age = latest ? started - latest.taken : Infinity;
  if (latest && !isNow && age < Math.max(FRESH, latest.took * PATIENCE)) return latest.list;
  const pids = Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name));
  const list = pids.filter(Number.isInteger).flatMap((pid) => processAt(pid) ?? []);
  latest = { list, taken: started, took: performance.now() - started };
  return list;
}

/** One process; `undefined` if it has ended. */
export function processAt(pid: number): ListedProcess | undefined {
  const stat = textAt(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the command in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  if (state === "Z" || state === "X") return undefined;
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  const [start, pages] = [Number(fields[19]), Number(fields[21])];
  return { pid, parent: Number(parent), group: Number(group), start, ticks, pages };
}
