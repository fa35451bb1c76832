/** A process, as a look at all of them shows it. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number | undefined;
  /** The number of its process group; of a process that has ended, there is none. */
  readonly group: number | undefined;
  /** Each variable that it was started with, between zero bytes; nothing once it has ended. */
  readonly environment: string;
  /** Its working directory and its root. */
  readonly folders: readonly string[];
}

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

async function readProc(): Promise<SeenProcess[]> {
  const seen: SeenProcess[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const [environment, folders] = [environmentOf(pid), foldersOf(pid)];
    seen.push({ pid, ...relationsOf(pid), environment, folders });
  }
  return seen;
}

/** A zombie has no environment any more: it has ended. */
function environmentOf(pid: number): string {
  try {
    return `\0${Deno.readTextFileSync(`/proc/${pid}/environ`)}`;
  } catch {
    return "";
  }
}

function foldersOf(pid: number): string[] {
  return ["cwd", "root"].flatMap((link) => {
    try {
      return [Deno.readLinkSync(`/proc/${pid}/${link}`).replace(/ \(deleted\)$/, "")];
    } catch {
      return [];
    }
  });
}

/** Of a process that has ended, a zombie too, there are none. */
function relationsOf(pid: number): Pick<SeenProcess, "parent" | "group"> {
  const none = { parent: undefined, group: undefined };
  try {
    // The second field is the command in parentheses, which may hold anything.
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const hasEnded = state === "Z" || state === "X";
    return hasEnded ? none : { parent: Number(parent), group: Number(group) };
  } catch {
    return none;
  }
}
