import { throwIfShortage } from "./descriptor_shortage.ts";
import { OwnerAccess } from "./owner_access.ts";

/** A process, as a look at all of them shows it. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number | undefined;
  /** The number of its process group; of a process that has ended, there is none. */
  readonly group: number | undefined;
  /** The number of its session; of a process that has ended, there is none. */
  readonly session: number | undefined;
  /** Whether a signal has stopped it, or a debugger. */
  readonly isStopped: boolean;
  /** Whether it does something, or will once something happens: not if it was stopped, or has ended. */
  readonly isRunning: boolean;
  /** Whether a call of the system holds it that cannot be interrupted, such as a write to a disk. */
  readonly isHeld: boolean;
  /** Each variable that it was started with, between zero bytes; nothing once it has ended. */
  readonly environment: string;
  /** Its working directory and its root. */
  readonly folders: readonly string[];
}

/** Lists that a look reads, where there are always new processes. */
const MOST_LISTS = 20;

/**
 * The system has one table of processes, so these belong to no caller: the look
 * in flight, and the one after it, which all calls that come meanwhile share.
 */
let latest: Promise<unknown> = Promise.resolve();
let next: Promise<SeenProcess[]> | undefined;

/**
 * All processes of this Linux as they are after the call. A hundred nodes that end at once would
 * otherwise look a hundred times at a thousand processes, which takes longer than to end them.
 */
export function lookAtProcesses(): Promise<SeenProcess[]> {
  return next ??= latest.then(() => {
    next = undefined;
    const look = readProc();
    latest = look.catch(() => {});
    return look;
  });
}

/**
 * Reading takes longer than some processes live: of a chain of them, each of which starts the next,
 * all that a list names may have ended when it is their turn. So there is another list for what was
 * started meanwhile, until one names nothing new: each is shorter than the one before.
 */
// deno-lint-ignore require-await -- what fails is to reject, not to throw
async function readProc(): Promise<SeenProcess[]> {
  using access = new OwnerAccess();
  const seen = new Map<number, SeenProcess>();
  for (let list = 0; list < MOST_LISTS; list++) {
    const unread = listedProcesses().filter((pid) => !seen.has(pid));
    if (unread.length === 0) break;
    for (const pid of unread) {
      const [environment, folders] = [environmentOf(pid, access), foldersOf(pid, access)];
      seen.set(pid, { pid, ...relationsOf(pid), environment, folders });
    }
  }
  return [...seen.values()];
}

/** Read at once: all threads of the runtime may wait for pipes, or for a dead file server. */
function listedProcesses(): number[] {
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter(Number.isInteger);
}

/** A zombie has no environment any more: it has ended. */
function environmentOf(pid: number, access: OwnerAccess): string {
  try {
    return `\0${access.read(pid, () => Deno.readTextFileSync(`/proc/${pid}/environ`))}`;
  } catch (error) {
    throwIfShortage(error);
    return "";
  }
}

function foldersOf(pid: number, access: OwnerAccess): string[] {
  return ["cwd", "root"].flatMap((link) => {
    try {
      const path = access.read(pid, () => Deno.readLinkSync(`/proc/${pid}/${link}`));
      return [path.replace(/ \(deleted\)$/, "")];
    } catch (error) {
      throwIfShortage(error);
      return [];
    }
  });
}

/** Of a process that has ended, a zombie too, there are none. */
function relationsOf(pid: number): Omit<SeenProcess, "pid" | "environment" | "folders"> {
  const none = {
    ...{ parent: undefined, group: undefined, session: undefined },
    ...{ isStopped: false, isRunning: false, isHeld: false },
  };
  try {
    // The second field is the command in parentheses, which may hold anything.
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state, ...numbers] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [parent, group, session] = numbers.map(Number);
    const hasEnded = state === "Z" || state === "X";
    const isStopped = state === "T" || state === "t";
    const isRunning = state === "R" || state === "S";
    const isHeld = state === "D";
    return hasEnded ? none : { parent, group, session, isStopped, isRunning, isHeld };
  } catch (error) {
    throwIfShortage(error);
    return none;
  }
}
