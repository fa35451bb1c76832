import { delay } from "../delay.ts";
import { namedProcesses } from "./named_processes.ts";
import { lookAtProcesses } from "./process_table.ts";

/**
 * What an orphaned process is recognised by. Any of it is enough, and so is to be a
 * descendant of such a process. What has none of it, and whose parent has ended, is not found.
 */
export interface StrayTraits {
  /** Variables that it was started with, all of them. */
  readonly marker?: Readonly<Record<string, string>> | undefined;
  /** Absolute path of a folder that its working directory or root is in. Linux only. */
  readonly folder?: string | undefined;
  /** The number of its process group; on Linux of its session will do, too. */
  readonly group?: number | undefined;
}

/** Milliseconds without an end after which it is given up to kill, or to stop, what is left. */
const KILL_TIMEOUT = 5_000;

/** Looks in a row that have to find nothing: one can miss what lives for a few milliseconds. */
const EMPTY_LOOKS = 2;

/** Milliseconds for which those that start others are chased, before the ones found are killed. */
const FREEZE_TIMEOUT = 1_000;

/** Milliseconds in which a call ends that cannot be interrupted, unless what it waits for is gone. */
const HELD_TIMEOUT = 1_000;

/** Milliseconds between looks. */
const POLL_INTERVAL = 10;

/** A process, and whether it was recognised. */
interface StrayCandidate {
  readonly pid: number;
  readonly parent: number | undefined;
  readonly hasTraits: boolean;
  readonly isStopped: boolean;
  readonly isRunning: boolean;
  readonly isHeld: boolean;
}

/**
 * The numbers of the processes with these traits and of their descendants, without this process.
 * Those of other users are not seen.
 */
export async function findStrays(traits: StrayTraits): Promise<number[]> {
  return (await lookForStrays(traits)).map(({ pid }) => pid);
}

/** `known` were recognised a moment ago, and stopped: they still are, though their parents have ended. */
async function lookForStrays(
  traits: StrayTraits,
  known: ReadonlySet<number> = new Set(),
): Promise<StrayCandidate[]> {
  const seen = await (Deno.build.os === "linux" ? findInProc(traits) : findByPs(traits));
  const isStray = ({ pid, hasTraits }: StrayCandidate) => hasTraits || known.has(pid);
  const strays = new Set(seen.filter(isStray).map(({ pid }) => pid));
  const children = Map.groupBy(seen, ({ parent }) => parent);
  // What is added to a set while it is iterated is visited as well.
  for (const pid of strays) for (const child of children.get(pid) ?? []) strays.add(child.pid);
  strays.delete(Deno.pid);
  return seen.filter(({ pid }) => strays.has(pid));
}

/** Sends `signal` to all of them; resolves to their numbers. */
export async function signalStrays(traits: StrayTraits, signal: Deno.Signal): Promise<number[]> {
  const pids = await findStrays(traits);
  for (const pid of pids) signalQuietly(pid, signal);
  return pids;
}

/**
 * Kills all of them, and those that they start meanwhile, until there are none left. Resolves to the
 * numbers of those that were killed; throws when they have not become fewer for five seconds, and
 * names them: they belong to another user, or the kernel holds them, or they start others too fast.
 */
export async function killStrays(traits: StrayTraits): Promise<number[]> {
  const killed = new Set<number>();
  // A busy machine takes long to end thousands of them: only what does not end is given up.
  let [fewest, deadline, emptyLooks] = [Infinity, 0, 0];
  for (;;) {
    const { pids } = await stopStrays(traits, FREEZE_TIMEOUT);
    for (const pid of pids) {
      signalQuietly(pid, "SIGKILL");
      killed.add(pid);
    }
    emptyLooks = pids.length === 0 ? emptyLooks + 1 : 0;
    if (emptyLooks === EMPTY_LOOKS) return [...killed];
    if (pids.length < fewest) {
      fewest = pids.length;
      deadline = performance.now() + KILL_TIMEOUT;
    } else if (performance.now() > deadline && pids.length > 0) {
      throw new Error(`Cannot kill the processes ${namedProcesses(pids)}: they do not end`);
    }
    // One that is just becoming another program has no variables for a moment, which looks in a row may meet.
    if (killed.size > 0) await delay(POLL_INTERVAL);
  }
}

/**
 * Stops all of them by `SIGSTOP`, and those that they start meanwhile, until none runs. Throws when
 * some still do after five seconds, and names them. Notes in `stoodStill`, of each that it finds and that
 * is not in there, whether it was stopped before.
 */
export async function freezeStrays(
  traits: StrayTraits,
  stoodStill: Map<number, boolean> = new Map(),
): Promise<void> {
  const began = performance.now();
  const deadline = began + KILL_TIMEOUT;
  let known = new Set<number>();
  for (;;) {
    // One that waits for a processor stops once it gets one.
    const { pids, running, held } = await stopStrays(
      traits,
      deadline - performance.now(),
      ({ pid, isStopped }) => stoodStill.set(pid, stoodStill.get(pid) ?? isStopped),
    );
    // A look can miss what was started behind it by a process that has stopped since: the next shows it.
    const isStill = running.length === 0 && pids.every((pid) => known.has(pid));
    // What a write has begun still comes; what a dead disk holds does nothing any more.
    if (isStill && (held.length === 0 || performance.now() > began + HELD_TIMEOUT)) return;
    known = new Set(pids);
    if (performance.now() > deadline) {
      throw new Error(`Cannot stop the processes ${namedProcesses(running)}: they go on`);
    }
    await delay(POLL_INTERVAL);
  }
}

/** What came of an attempt to stop all of them. */
interface StoppedStrays {
  readonly pids: readonly number[];
  /** Those of them that have not stopped yet. */
  readonly running: readonly number[];
  /** Those of them that stop once a call of the system has ended. */
  readonly held: readonly number[];
}

/**
 * Has all of them stop, until there are no others or time is over: what goes on while others are
 * killed can start another one, lose its parent, and not be found any more.
 */
async function stopStrays(
  traits: StrayTraits,
  timeout: number,
  onFound: (stray: StrayCandidate) => void = () => {},
): Promise<StoppedStrays> {
  const stopped = new Set<number>();
  const deadline = performance.now() + timeout;
  for (;;) {
    const strays = await lookForStrays(traits, stopped);
    const pids = strays.map(({ pid }) => pid);
    const others = strays.filter(({ pid }) => !stopped.has(pid));
    if (others.length === 0 || performance.now() > deadline) {
      const those = (trait: "isRunning" | "isHeld") =>
        strays.filter((each) => each[trait]).map(({ pid }) => pid);
      return { pids, running: those("isRunning"), held: those("isHeld") };
    }
    for (const stray of others) {
      onFound(stray);
      signalQuietly(stray.pid, "SIGSTOP");
      stopped.add(stray.pid);
    }
  }
}

/** Sends `signal`, unless that process has ended or belongs to another user. */
export function signalQuietly(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended by itself, or belongs to another user: then it is still there at the end.
  }
}

async function findInProc({ marker, folder, group }: StrayTraits): Promise<StrayCandidate[]> {
  const variables = Object.entries(marker ?? {}).map(([name, value]) => `\0${name}=${value}\0`);
  const isInside = (path: string) => path === folder || path.startsWith(`${folder}/`);
  return (await lookAtProcesses()).map((process) => {
    const { pid, parent, environment, folders, isStopped, isRunning, isHeld } = process;
    const hasVariables = variables.length > 0 &&
      variables.every((variable) => environment.includes(variable));
    const isOfGroup = group !== undefined && [process.group, process.session].includes(group);
    const hasTraits = hasVariables || isOfGroup ||
      (folder !== undefined && folders.some(isInside));
    return { pid, parent, hasTraits, isStopped, isRunning, isHeld };
  });
}

/** As `findInProc`, where there is no such file system: `ps` shows the environment, too. */
async function findByPs({ marker = {}, group }: StrayTraits): Promise<StrayCandidate[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-axwwE", "-o", "pid=,ppid=,pgid=,state=,command="],
  }).output();
  const variables = Object.entries(marker).map(([name, value]) => ` ${name}=${value}`);
  return new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => {
    const [pid, parent, its] = line.trim().split(/\s+/).map(Number);
    const isStopped = line.trim().split(/\s+/)[3]?.[0] === "T";
    const hasVariables = variables.length > 0 &&
      variables.every((variable) => `${line} `.includes(`${variable} `));
    const hasTraits = hasVariables || (group !== undefined && its === group);
    return { pid: pid!, parent, hasTraits, isStopped, isRunning: !isStopped, isHeld: false };
  });
}
