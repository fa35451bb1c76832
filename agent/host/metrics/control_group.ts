import type { HostSample } from "../host.ts";
import { fieldOf, numberAt, textAt } from "./read_values.ts";

/** What the control group of a container tells. */
export type GroupUsage = Pick<
  HostSample,
  "cores" | "memoryLimit" | "cpu" | "memory" | "read" | "written"
>;

/** Reads what a control group uses. */
export type ReadGroup = () => GroupUsage;

/** What the first version calls no limit: a number that no machine reaches. */
const UNLIMITED = 2 ** 60;

/**
 * The control group of the container in which this process is; `undefined` if it is in none. There the
 * root of what is mounted is the container's own group, which has files that the root of a machine lacks.
 */
export function containerGroup(mount = "/sys/fs/cgroup"): ReadGroup | undefined {
  if (numberAt(`${mount}/memory.current`) !== undefined) return () => unifiedUsage(mount);
  if (textAt(`${mount}/cpu/cpu.cfs_quota_us`) !== undefined) return () => legacyUsage(mount);
  return undefined;
}

/** Of the second version of control groups. */
function unifiedUsage(group: string): GroupUsage {
  const microseconds = fieldOf(textAt(`${group}/cpu.stat`), "usage_usec");
  const [quota, period] = (textAt(`${group}/cpu.max`) ?? "max").trim().split(" ");
  const io = textAt(`${group}/io.stat`);
  return {
    cores: coresOf(Number(quota), Number(period)),
    ...limit(numberAt(`${group}/memory.max`)),
    cpu: microseconds === undefined ? undefined : microseconds / 1000,
    memory: withoutInactive(
      numberAt(`${group}/memory.current`),
      fieldOf(textAt(`${group}/memory.stat`), "inactive_file"),
    ),
    read: io === undefined ? undefined : sumOf(io, /\brbytes=(\d+)/g),
    written: io === undefined ? undefined : sumOf(io, /\bwbytes=(\d+)/g),
  };
}

/** Of the first version, in which each controller has a tree of its own. */
function legacyUsage(mount: string): GroupUsage {
  const [cpu, memory] = [`${mount}/cpu`, `${mount}/memory`];
  const nanoseconds = numberAt(`${mount}/cpuacct/cpuacct.usage`);
  const io = textAt(`${mount}/blkio/blkio.throttle.io_service_bytes`);
  return {
    cores: coresOf(
      Number(textAt(`${cpu}/cpu.cfs_quota_us`)),
      Number(textAt(`${cpu}/cpu.cfs_period_us`)),
    ),
    ...limit(numberAt(`${memory}/memory.limit_in_bytes`)),
    cpu: nanoseconds === undefined ? undefined : nanoseconds / 1e6,
    memory: withoutInactive(
      numberAt(`${memory}/memory.usage_in_bytes`),
      fieldOf(textAt(`${memory}/memory.stat`), "total_inactive_file"),
    ),
    read: io === undefined ? undefined : sumOf(io, /^\d+:\d+ Read (\d+)/gm),
    written: io === undefined ? undefined : sumOf(io, /^\d+:\d+ Write (\d+)/gm),
  };
}

function limit(bytes: number | undefined): Pick<GroupUsage, "memoryLimit"> {
  return bytes !== undefined && bytes < UNLIMITED ? { memoryLimit: bytes } : {};
}

/** As many as it may use: a quota may be a part of one. */
function coresOf(quota: number, period: number): number {
  const cores = navigator.hardwareConcurrency;
  return quota > 0 && period > 0 ? Math.min(cores, quota / period) : cores;
}

/** What the system would drop at once is no use that anybody means. */
function withoutInactive(usage: number | undefined, inactive = 0): number | undefined {
  return usage === undefined ? undefined : Math.max(0, usage - inactive);
}

function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}
