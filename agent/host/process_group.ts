import process from "node:process";

/** The processes that a process started, and itself: they have its number as their group's. */
export class ProcessGroup {
  readonly #pid: number;
  #leaderEnded = false;
  #gone = false;

  /** `pid` is that of the leader. */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /** To be called as soon as the leader's status is known: its number may soon be another's. */
  leaderEnded(): void {
    this.#leaderEnded = true;
    this.#gone = !exists(-this.#pid);
  }

  /** Sends `signal` to every process of the group, if there are any left. */
  kill(signal: Deno.Signal): void {
    // A group keeps its number from being given to a new process. If there is one all the same,
    // the group has ended.
    if (this.#leaderEnded && exists(this.#pid)) this.#gone = true;
    if (this.#gone) return;
    try {
      Deno.kill(-this.#pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      this.#gone = this.#leaderEnded;
    }
  }
}

/** Whether there is a process, or a group if `pid` is negative. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
