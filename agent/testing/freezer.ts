/** Where the kernel's freezer of the first version of control groups is. */
const FREEZER = "/sys/fs/cgroup/freezer";

/** Milliseconds between looks. */
const POLL_INTERVAL = 10;

/** A frozen process: nothing ends it before it is thawed. Disposing thaws it. */
export class Freezer implements AsyncDisposable {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Rejects where processes cannot be frozen. */
  static async check(): Promise<string> {
    const dir = `${FREEZER}/clustertest-${crypto.randomUUID()}`;
    await Deno.mkdir(dir);
    await Deno.remove(dir);
    return FREEZER;
  }

  /** Freezes a process. */
  static async freeze(pid: number): Promise<Freezer> {
    const dir = `${FREEZER}/clustertest-${crypto.randomUUID()}`;
    await Deno.mkdir(dir);
    const frozen = new Freezer(dir);
    await Deno.writeTextFile(`${dir}/cgroup.procs`, `${pid}`);
    await frozen.#become("FROZEN");
    return frozen;
  }

  /** Goes on; resolves when the process has left the group. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#become("THAWED");
    // A killed process leaves when it has ended.
    while ((await Deno.readTextFile(`${this.#dir}/cgroup.procs`)).length > 0) await tick();
    await Deno.remove(this.#dir);
  }

  async #become(state: "FROZEN" | "THAWED"): Promise<void> {
    const file = `${this.#dir}/freezer.state`;
    await Deno.writeTextFile(file, state);
    while ((await Deno.readTextFile(file)).trim() !== state) await tick();
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
}
