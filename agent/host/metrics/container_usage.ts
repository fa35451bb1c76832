import type { ControlGroup } from "../control_group/control_group.ts";
import type { HostSample } from "../host.ts";

/** What the control group of a container tells. */
export type ContainerUsage = Pick<
  HostSample,
  "cores" | "memoryLimit" | "cpu" | "memory" | "memoryPeak" | "read" | "written"
>;

/** What a container uses. */
export function containerUsage(group: ControlGroup): ContainerUsage {
  const { cpuLimit, cpuUsed, memoryLimit, memoryUsed, memoryPeak, read, written } = group;
  const cores = navigator.hardwareConcurrency;
  return {
    // As many as it may use: a quota may be a part of one.
    cores: Math.min(cores, cpuLimit ?? cores),
    ...memoryLimit !== undefined && { memoryLimit },
    ...{ cpu: cpuUsed, memory: memoryUsed, memoryPeak, read, written },
  };
}
