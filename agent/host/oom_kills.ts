import { attempt } from "./attempt.ts";

/** Where Linux has its control groups, and says in which this process is. */
const PLACES = { groups: "/sys/fs/cgroup", membership: "/proc/self/cgroup" };

/**
 * Counts the kills of the kernel's OOM killer in the control group of this process, in which its
 * children are, too. Where no control group tells, there is never one.
 */
export class OomKills {
  readonly #file: string | undefined;
  #known: number;

  /** Counts from now on, in the files of Linux unless a test names others. */
  constructor({ groups, membership } = PLACES) {
    const lines = attempt(() => Deno.readTextFileSync(membership))?.trimEnd().split("\n") ?? [];
    this.#file = candidates(lines, groups).find((file) => countIn(file) !== undefined);
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

/**
 * The files that may have the count: of the first version of control groups, and of the second. In a
 * container the root of what is mounted is its own group, whatever path `/proc` shows.
 */
function candidates(membership: readonly string[], groups: string): string[] {
  return membership.flatMap((line) => {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const file = controllers === "" ? "memory.events" : "memory.oom_control";
    const folders = controllers === "" ? [groups, `${groups}/unified`] : [`${groups}/memory`];
    if (controllers !== "" && !controllers.split(",").includes("memory")) return [];
    return folders.flatMap((folder) => [`${folder}${path}/${file}`, `${folder}/${file}`]);
  });
}

function countIn(file: string): number | undefined {
  const [, count] = /^oom_kill (\d+)$/m.exec(attempt(() => Deno.readTextFileSync(file)) ?? "") ??
    [];
  return count === undefined ? undefined : Number(count);
}
