import { delay } from "../delay.ts";
import { namedProcesses } from "./named_processes.ts";
import { nothingToPause } from "./nothing_to_pause.ts";
import { lookAtProcesses } from "./process_table.ts";
import { StrayFreeze } from "./stray_freeze.ts";

/** Milliseconds between looks. */
const POLL_INTERVAL = 10;

/** After these a process is to stand still. */
const STOPPING: readonly Deno.Signal[] = ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"];

/** The processes that a process started, and itself: they have its number as their group's. */
export class ProcessGroup {
  readonly #pid: number;
  readonly #freeze: StrayFreeze;
  #leaderEnded = false;
  #gone = false;

  /** `pid` is that of the leader. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#freeze = new StrayFreeze({ group: pid });
  }

  /** To be called as soon as the leader's status is known: its number may soon be another's. */
  leaderEnded(): void {
    this.#leaderEnded = true;
    this.#gone = !exists(-this.#pid);
  }

  /** Sends `signal` to every process of the group, if there are any left. */
  kill(signal: Deno.Signal): void {
    if (this.#isGone()) return;
    try {
      Deno.kill(-this.#pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      this.#gone = this.#leaderEnded;
    }
  }

  /**
   * Stops every process of the group, and what they have started, wherever that has gone meanwhile. Throws
   * when none is left, or some cannot be stopped.
   */
  async pause(): Promise<void> {
    const count = this.#isGone() ? 0 : await this.#freeze.freeze();
    if (count === 0) throw nothingToPause();
  }

  /** Lets all of it go on that {@linkcode pause} has stopped. */
  async resume(): Promise<void> {
    await this.#freeze.thaw();
  }

  /** Lets it go on after a signal that it would take otherwise only then. */
  async resumeFor(signal: Deno.Signal): Promise<void> {
    if (!STOPPING.includes(signal)) await this.resume();
  }

  /**
   * Waits until no process of it is left, after it was killed. Throws at `deadline`, by
   * `performance.now()`, and names those that stay: of another user, or held by the kernel.
   */
  async gone(deadline: number): Promise<void> {
    while (!this.#gone && exists(-this.#pid)) {
      const members = await this.#members();
      if (members.length === 0) return;
      if (performance.now() > deadline) {
        throw new Error(`Cannot kill the processes ${namedProcesses(members)}: they do not end`);
      }
      await delay(POLL_INTERVAL);
    }
  }

  #isGone(): boolean {
    // A group keeps its number from being given to a new process. If there is one all the same,
    // the group has ended.
    if (this.#leaderEnded && exists(this.#pid)) this.#gone = true;
    return this.#gone;
  }

  /** Those that have not ended: a group also exists while its last members are zombies. */
  async #members(): Promise<number[]> {
    if (Deno.build.os !== "linux") return [this.#pid];
    const seen = await lookAtProcesses();
    return seen.filter(({ group }) => group === this.#pid).map(({ pid }) => pid);
  }
}

/** The signal that is not sent: it only asks whether it could be. The types of Deno do not have it. */
const NO_SIGNAL = 0 as unknown as Deno.Signal;

/** Whether there is a process, or a group if `pid` is negative. */
function exists(pid: number): boolean {
  try {
    Deno.kill(pid, NO_SIGNAL);
    return true;
  } catch (error) {
    // It belongs to another user.
    return error instanceof Deno.errors.PermissionDenied;
  }
}
