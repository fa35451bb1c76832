import { fieldOf } from "../metrics/read_values.ts";
import { GroupFiles } from "./group_files.ts";

/** Bytes from which on a limit of the first version means that there is none. */
const UNLIMITED = 2 ** 60;

const QUOTA = { controller: "cpu", first: "cpu.cfs_quota_us", second: "cpu.max" };
const PERIOD = { controller: "cpu", first: "cpu.cfs_period_us", second: "cpu.max" };
const CPU_STAT = { controller: "cpu", first: "cpu.stat", second: "cpu.stat" };
const CPU_USAGE = { controller: "cpuacct", first: "cpuacct.usage", second: "cpu.stat" };
const LIMIT = { controller: "memory", first: "memory.limit_in_bytes", second: "memory.max" };
const USED = { controller: "memory", first: "memory.usage_in_bytes", second: "memory.current" };
/** In the second version since Linux 5.19. */
const PEAK = { controller: "memory", first: "memory.max_usage_in_bytes", second: "memory.peak" };
const MEMORY_STAT = { controller: "memory", first: "memory.stat", second: "memory.stat" };
const IO = { controller: "blkio", first: "blkio.throttle.io_service_bytes", second: "io.stat" };

/** Files that the root of all groups of a machine lacks. */
const BELOW_ROOT = { controller: "cpu", first: "cpu.cfs_quota_us", second: "memory.current" };

/** What a control group may use, and has used; `undefined` where it does not tell. */
export class ControlGroup {
  readonly #files: GroupFiles;

  /** Of this process, unless a test names another group. */
  constructor(files: GroupFiles = GroupFiles.ofProcess()) {
    this.#files = files;
  }

  /**
   * That of the container in which this process is; `undefined` if it is in none. There the root of what is
   * mounted is the container's own group, which has files that the root of a machine lacks.
   */
  static ofContainer(mount?: string): ControlGroup | undefined {
    const files = GroupFiles.at(mount);
    return files.read(BELOW_ROOT) === undefined ? undefined : new ControlGroup(files);
  }

  /** How many processors' time it gets; `undefined` is all of it. */
  get cpuLimit(): number | undefined {
    const [quota, period] = (this.#files.read(QUOTA) ?? "").trim().split(" ");
    const length = Number(period ?? this.#files.read(PERIOD));
    return Number(quota) > 0 && length > 0 ? Number(quota) / length : undefined;
  }

  /** Milliseconds of processors' time that it has got. */
  get cpuUsed(): number | undefined {
    const text = this.#files.read(CPU_USAGE) ?? "";
    const microseconds = fieldOf(text, "usage_usec");
    if (microseconds !== undefined) return microseconds / 1e3;
    return /^\d+\n?$/.test(text) ? Number(text) / 1e6 : undefined;
  }

  /** How often a limit has stopped it. */
  get throttled(): number | undefined {
    return fieldOf(this.#files.read(CPU_STAT), "nr_throttled");
  }

  /** Bytes of memory that it gets; `undefined` is all. */
  get memoryLimit(): number | undefined {
    const limit = this.#number(LIMIT);
    return limit !== undefined && limit < UNLIMITED ? limit : undefined;
  }

  /** Bytes that it uses, without files that nobody has used lately: the kernel gives them up at once. */
  get memoryUsed(): number | undefined {
    return this.#memoryWithout("inactive_file");
  }

  /** Bytes that it uses, without what the kernel keeps of files and can give up. */
  get memoryNeeded(): number | undefined {
    return this.#memoryWithout("active_file", "inactive_file");
  }

  /** The most bytes that it has ever used, with all that the kernel kept of files. */
  get memoryPeak(): number | undefined {
    return this.#number(PEAK);
  }

  /** Bytes that it has read from disks. */
  get read(): number | undefined {
    return this.#transferred(/\brbytes=(\d+)|^\d+:\d+ Read (\d+)/gm);
  }

  /** Bytes that it has written to disks. */
  get written(): number | undefined {
    return this.#transferred(/\bwbytes=(\d+)|^\d+:\d+ Write (\d+)/gm);
  }

  #number(file: typeof LIMIT): number | undefined {
    const text = this.#files.read(file)?.trim();
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  }

  #memoryWithout(...kept: readonly string[]): number | undefined {
    const used = this.#number(USED);
    if (used === undefined) return undefined;
    const stat = this.#files.read(MEMORY_STAT);
    // Of the first version, the fields without "total_" leave out the groups within it.
    const files = kept.map((name) => fieldOf(stat, `total_${name}`) ?? fieldOf(stat, name) ?? 0);
    return files.reduce((left, each) => Math.max(0, left - each), used);
  }

  #transferred(pattern: RegExp): number | undefined {
    const text = this.#files.read(IO);
    if (text === undefined) return undefined;
    return [...text.matchAll(pattern)].reduce((sum, [, second, first]) => {
      return sum + Number(second ?? first);
    }, 0);
  }
}
