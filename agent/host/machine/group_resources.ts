import { fieldOf } from "../metrics/read_values.ts";
import { GroupFiles } from "./group_files.ts";

/** Bytes from which on a limit of the first version means that there is none. */
const UNLIMITED = 2 ** 62;

const QUOTA = { controller: "cpu", first: "cpu.cfs_quota_us", second: "cpu.max" };
const PERIOD = { controller: "cpu", first: "cpu.cfs_period_us", second: "cpu.max" };
const CPU_STAT = { controller: "cpu", first: "cpu.stat", second: "cpu.stat" };
const CPU_USAGE = { controller: "cpuacct", first: "cpuacct.usage", second: "cpu.stat" };
const LIMIT = { controller: "memory", first: "memory.limit_in_bytes", second: "memory.max" };
const USED = { controller: "memory", first: "memory.usage_in_bytes", second: "memory.current" };
const MEMORY_STAT = { controller: "memory", first: "memory.stat", second: "memory.stat" };

/** What the control group of this process may use, and has used; `null` where it does not tell. */
export class GroupResources {
  readonly #group: GroupFiles;

  /** Of this process, unless a test names another group. */
  constructor(group: GroupFiles = new GroupFiles()) {
    this.#group = group;
  }

  /** How many processors' time it gets; `null` is all of it. */
  get cpuLimit(): number | null {
    const [quota, period] = (this.#group.read(QUOTA) ?? "").trim().split(" ");
    const length = Number(period ?? this.#group.read(PERIOD));
    return Number(quota) > 0 && length > 0 ? Number(quota) / length : null;
  }

  /** Milliseconds of processors' time that it has got. */
  get cpuUsed(): number | null {
    const text = this.#group.read(CPU_USAGE) ?? "";
    const microseconds = fieldOf(text, "usage_usec");
    if (microseconds !== undefined) return microseconds / 1e3;
    return /^\d+\n?$/.test(text) ? Number(text) / 1e6 : null;
  }

  /** How often a limit has stopped it. */
  get throttled(): number | null {
    return fieldOf(this.#group.read(CPU_STAT) ?? "", "nr_throttled") ?? null;
  }

  /** Bytes of memory that it gets; `null` is all. */
  get memoryLimit(): number | null {
    const limit = Number(this.#group.read(LIMIT) ?? NaN);
    return limit < UNLIMITED ? limit : null;
  }

  /** Bytes that it uses, without what the kernel keeps of files and can give up. */
  get memoryUsed(): number | null {
    const used = Number(this.#group.read(USED) ?? NaN);
    if (Number.isNaN(used)) return null;
    const stat = this.#group.read(MEMORY_STAT) ?? "";
    // Of the first version, the fields without "total_" leave out the groups within it.
    const files = (name: string) => fieldOf(stat, `total_${name}`) ?? fieldOf(stat, name) ?? 0;
    return Math.max(0, used - files("active_file") - files("inactive_file"));
  }
}
