import { lookAtProcesses } from "./process_table.ts";

/**
 * What a process that somebody left behind is recognised by. Any of it is enough, and so is to be a
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
 * numbers of those that were killed; throws when some are still there after five seconds.
 */
export async function killStrays(traits: StrayTraits): Promise<number[]> {
  const killed = new Set<number>();
  const deadline = performance.now() + KILL_TIMEOUT;
  for (;;) {
    const pids = await freezeStrays(traits);
    if (pids.length === 0) return [...killed];
    if (performance.now() > deadline) {
      throw new Error(`Cannot kill the processes ${pids.join(", ")}: they do not end`);
    }
    for (const pid of pids) {
      signalQuietly(pid, "SIGKILL");
      killed.add(pid);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
  }
}

/**
 * Stops all of them, until there are none that run: what goes on while others are killed can start
 * another one, lose its parent, and not be found any more.
 */
async function freezeStrays(traits: StrayTraits): Promise<number[]> {
  const frozen = new Set<number>();
  for (;;) {
    const pids = await findStrays(traits);
    const running = pids.filter((pid) => !frozen.has(pid));
    if (running.length === 0) return pids;
    for (const pid of running) {
      signalQuietly(pid, "SIGSTOP");
      frozen.add(pid);
    }
  }
}

function signalQuietly(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended by itself.
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
