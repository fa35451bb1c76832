import { GroupFiles } from "./control_group/group_files.ts";

/** Where the count is. */
const COUNT = { controller: "memory", first: "memory.oom_control", second: "memory.events" };

/**
 * Counts the kills of the kernel's OOM killer in the control group of this process, in which its
 * children are, too. Where no control group tells, there is never one.
 */
export class OomKills {
  readonly #file: string | undefined;
  #known: number;

  /** Counts from now on, in the files of Linux unless a test names others. */
  constructor(places?: { readonly groups: string; readonly membership: string }) {
    const candidates = GroupFiles.ofProcess(places).candidates(COUNT);
    this.#file = candidates.find((file) => countIn(file) !== undefined);
    this.#known = this.#count();
  }

  /** Whether there was one that no process has claimed yet; then it is the caller's. */
  claim(): boolean {
    if (this.#count() <= this.#known) return false;
    this.#known += 1;
    return true;
  }

  #count(): number {
    return this.#file === undefined ? 0 : countIn(this.#file) ?? 0;
  }
}

function countIn(file: string): number | undefined {
  try {
    const [, count] = /^oom_kill (\d+)$/m.exec(Deno.readTextFileSync(file)) ?? [];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
