/** Where the control groups of the first version are that bound memory. */
const GROUPS = "/sys/fs/cgroup/memory";

/** A control group with little memory. Disposing removes it, once what is in it has ended. */
export class MemoryGroup implements AsyncDisposable {
  /** A command line that the one of a program follows which is to be in the group. */
  readonly wrapper: readonly string[];
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.wrapper = ["sh", "-c", `echo $$ > ${dir}/cgroup.procs; exec "$@"`, "sh"];
  }

  /** Rejects where there can be none. */
  static async check(): Promise<string> {
    await using group = await MemoryGroup.create(2 ** 30);
    return group.#dir;
  }

  /** Makes a group for so many bytes. */
  static async create(bytes: number): Promise<MemoryGroup> {
    const group = new MemoryGroup(`${GROUPS}/clustertest-${crypto.randomUUID()}`);
    await Deno.mkdir(group.#dir);
    await Deno.writeTextFile(`${group.#dir}/memory.limit_in_bytes`, `${bytes}`);
    return group;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const members = `${this.#dir}/cgroup.procs`;
    while ((await Deno.readTextFile(members)).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await Deno.remove(this.#dir);
  }
}
