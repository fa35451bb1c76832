import { setImmediate } from "node:timers";
import { childStatus } from "./child_status.ts";
import { leaderProgram } from "./leader_program.ts";

/** What to start. */
export interface LeaderCommand {
  /** Absolute path of the program. */
  readonly path: string;
  /** What the program takes for its own name. */
  readonly name: string;
  readonly args: readonly string[];
}

/** Milliseconds of the longest timer. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** How often is looked at once whether a program has begun, before a timer paces it. */
const QUICK_LOOKS = 5;

/** Milliseconds between later looks: enough for most programs to have begun. */
const PAUSE = 1;

/**
 * Starts programs as leaders of sessions of their own, on Linux.
 *
 * `Deno.Command` does that too if it is told `detached`, but then by `fork()`, which copies the page
 * tables of this process, and not by `posix_spawn()`. Measured in an agent: five times the cost of
 * all the rest of a start. So a program of a few bytes is spawned instead, which becomes a leader and
 * then what is to be started. It lives in a file that has no name any more.
 */
export class SessionLeader implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  /** A path of the file. */
  readonly #path: string;
  /** What the kernel says that a process runs as long as it runs the file. */
  readonly #label: string;

  private constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
    this.#label = Deno.readLinkSync(path);
  }

  /** Resolves to `undefined` where it is not possible. `folder` must be writable. */
  static async open(folder: string): Promise<SessionLeader | undefined> {
    if (Deno.build.os !== "linux") return undefined;
    const name = `${folder}/.leader-${crypto.randomUUID()}`;
    let file: Deno.FsFile | undefined;
    try {
      await Deno.writeFile(name, leaderProgram(Deno.build.arch), { mode: 0o700, createNew: true });
      file = await Deno.open(name);
      const path = pathOfOpen(name);
      await Deno.remove(name);
      return new SessionLeader(file, path);
    } catch {
      // Whatever keeps this from working here does not keep `Deno.Command` from it.
      file?.close();
      await Deno.remove(name).catch(() => {});
      return undefined;
    }
  }

  /** Starts a program. What {@linkcode began} resolves to says whether that went well. */
  spawn({ path, name, args }: LeaderCommand, options: Deno.CommandOptions): Deno.ChildProcess {
    const child = new Deno.Command(this.#path, { ...options, args: [path, name, ...args] }).spawn();
    outliveErrors(child);
    return child;
  }

  /** Waits until the program has taken its place; `false` if it cannot, and nothing has happened. */
  async began(child: Deno.ChildProcess): Promise<boolean> {
    for (let looks = 1;; looks++) {
      const state = this.#look(child.pid);
      if (state !== "waiting") return state === "begun";
      if (looks < QUICK_LOOKS) await new Promise((resolve) => setImmediate(resolve));
      else await endOrPause(childStatus(child));
    }
  }

  /** Closes the file; nothing can be started any more. */
  // deno-lint-ignore require-await -- the contract is that of resources that take time to close
  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
  }

  #look(pid: number): "begun" | "waiting" | "failed" {
    try {
      if (Deno.readLinkSync(`/proc/${pid}/exe`) !== this.#label) return "begun";
      const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
      return stat.slice(stat.lastIndexOf(")")).startsWith(") T") ? "failed" : "waiting";
    } catch {
      // It has ended already, or it is somebody else's: either way it was there.
      return "begun";
    }
  }
}

async function endOrPause(end: Promise<unknown>): Promise<void> {
  const { promise: paused, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PAUSE);
  await Promise.race([end, paused]);
  clearTimeout(timer);
}

/**
 * When this process ends by an error, Deno kills those that it waits for, unless they were spawned
 * detached. Then nobody would find what they had started. So a timer waits in its place.
 */
function outliveErrors(child: Deno.ChildProcess): void {
  child.unref();
  const waiting = setInterval(() => {}, LONGEST_INTERVAL);
  const ended = () => clearInterval(waiting);
  child.status.then(ended, ended);
}

/** The path of an open file of this process that stays when its name is gone. */
function pathOfOpen(name: string): string {
  const folder = `/proc/${Deno.pid}/fd`;
  for (const { name: number } of Deno.readDirSync(folder)) {
    const path = `${folder}/${number}`;
    try {
      if (Deno.readLinkSync(path) === name) return path;
    } catch {
      // Closed meanwhile.
    }
  }
  throw new Error(`Cannot find the open file "${name}"`);
}
