import type { MachineResources } from "../host.ts";
import { ControlGroup } from "../control_group/control_group.ts";

/** What this process and those beside it may use, and use now. */
export function machineResources(): MachineResources {
  const { cpuLimit = Infinity, memoryLimit = Infinity, memoryNeeded = null } = new ControlGroup();
  const { total, available } = Deno.systemMemoryInfo();
  const processors = allowedProcessors();
  return {
    processors,
    cpuLimit: cpuLimit < processors ? cpuLimit : null,
    memory: total,
    memoryAvailable: available,
    memoryLimit: memoryLimit < total ? memoryLimit : null,
    memoryUsed: memoryNeeded,
  };
}

/** Those that this process may run on: `navigator.hardwareConcurrency` is less where there is a limit of time. */
function allowedProcessors(): number {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    const [, list = ""] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status) ?? [];
    return countOf(list) || navigator.hardwareConcurrency;
  } catch {
    return navigator.hardwareConcurrency;
  }
}

/** How many numbers are in a list such as `0-3,8`. */
function countOf(list: string): number {
  return list.split(",").filter((part) => part !== "").reduce((count, part) => {
    const [first, last = first] = part.split("-").map(Number);
    return count + last! - first! + 1;
  }, 0);
}
