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
}

/** Milliseconds for which processes are killed, and their ends awaited, before that is given up. */
const KILL_TIMEOUT = 5_000;

/** Milliseconds for which those that start others are chased, before the ones found are killed. */
const FREEZE_TIMEOUT = 1_000;

/** Milliseconds between looks. */
const POLL_INTERVAL = 10;

/** A process, and whether it was recognised. */
interface Candidate {
  readonly pid: number;
  readonly parent: number | undefined;
  readonly hasTraits: boolean;
}

/**
 * The numbers of the processes with these traits and of their descendants, without this process.
 * Those of other users are not seen.
 */
export async function findStrays(traits: StrayTraits): Promise<number[]> {
  const seen = await (Deno.build.os === "linux" ? findInProc(traits) : findByPs(traits));
  const strays = new Set(seen.filter(({ hasTraits }) => hasTraits).map(({ pid }) => pid));
  const children = Map.groupBy(seen, ({ parent }) => parent);
  // What is added to a set while it is iterated is visited as well.
  for (const pid of strays) for (const child of children.get(pid) ?? []) strays.add(child.pid);
  strays.delete(Deno.pid);
  return [...strays];
}

/** Sends `signal` to all of them; resolves to how many there were. */
export async function signalStrays(traits: StrayTraits, signal: Deno.Signal): Promise<number> {
  const pids = await findStrays(traits);
  for (const pid of pids) signalQuietly(pid, signal);
  return pids.length;
}

/**
 * Kills all of them, and those that they start meanwhile, until there are none left. Resolves to the
 * numbers of those that were killed; throws when some are still there after five seconds, and names
 * them: they belong to another user, or the kernel holds them, or they start others too fast.
 */
export async function killStrays(traits: StrayTraits): Promise<number[]> {
  const killed = new Set<number>();
  const deadline = performance.now() + KILL_TIMEOUT;
  for (;;) {
    const { pids } = await stopStrays(traits, FREEZE_TIMEOUT);
    if (pids.length === 0) return [...killed];
    if (performance.now() > deadline) {
      throw new Error(`Cannot kill the processes ${namedProcesses(pids)}: they do not end`);
    }
    for (const pid of pids) {
      signalQuietly(pid, "SIGKILL");
      killed.add(pid);
    }
    await delay(POLL_INTERVAL);
  }
}

/**
 * Stops all of them by `SIGSTOP`, and those that they start meanwhile, until none runs. Throws when
 * some still do after five seconds, and names them.
 */
export async function freezeStrays(traits: StrayTraits): Promise<void> {
  const { running } = await stopStrays(traits, KILL_TIMEOUT);
  if (running.length === 0) return;
  throw new Error(`Cannot stop the processes ${namedProcesses(running)}: there are always others`);
}

/** What came of an attempt to stop all of them. */
interface StoppedStrays {
  readonly pids: readonly number[];
  /** Those that were found last, when time was over. */
  readonly running: readonly number[];
}

/**
 * Stops all of them, until there are none that run or time is over: what goes on while others are
 * killed can start another one, lose its parent, and not be found any more.
 */
async function stopStrays(traits: StrayTraits, timeout: number): Promise<StoppedStrays> {
  const stopped = new Set<number>();
  const deadline = performance.now() + timeout;
  for (;;) {
    const pids = await findStrays(traits);
    const running = pids.filter((pid) => !stopped.has(pid));
    if (running.length === 0 || performance.now() > deadline) return { pids, running };
    for (const pid of running) {
      signalQuietly(pid, "SIGSTOP");
      stopped.add(pid);
    }
  }
}

function signalQuietly(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended by itself, or belongs to another user: then it is still there at the end.
  }
}

async function findInProc({ marker, folder }: StrayTraits): Promise<Candidate[]> {
  const variables = Object.entries(marker ?? {}).map(([name, value]) => `\0${name}=${value}\0`);
  const isInside = (path: string) => path === folder || path.startsWith(`${folder}/`);
  return (await lookAtProcesses()).map(({ pid, parent, environment, folders }) => {
    const hasVariables = variables.length > 0 &&
      variables.every((variable) => environment.includes(variable));
    const hasTraits = hasVariables || (folder !== undefined && folders.some(isInside));
    return { pid, parent, hasTraits };
  });
}

/** As `findInProc`, where there is no such file system: `ps` shows the environment, too. */
async function findByPs({ marker = {} }: StrayTraits): Promise<Candidate[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-axwwE", "-o", "pid=,ppid=,command="],
  }).output();
  const variables = Object.entries(marker).map(([name, value]) => ` ${name}=${value}`);
  return new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    const hasTraits = variables.length > 0 &&
      variables.every((variable) => `${line} `.includes(`${variable} `));
    return { pid: pid!, parent, hasTraits };
  });
}
