import { deepStrictEqual } from "node:assert/strict";
import { ControlGroup } from "../control_group/control_group.ts";
import { containerUsage } from "./container_usage.ts";
import { systemFiles } from "./testing/system_files.ts";

function usageOf(files: Readonly<Record<string, string>>) {
  using system = systemFiles(files);
  return containerUsage(ControlGroup.ofContainer(system.dir)!);
}

Deno.test("containerUsage() is what a container may use, and has used", () => {
  const files = {
    "memory.current": "5000\n",
    "memory.max": "8000\n",
    "memory.peak": "7000\n",
    "memory.stat": "inactive_file 2000\n",
    "cpu.stat": "usage_usec 1500\n",
    "cpu.max": "50000 100000\n",
    "io.stat": "8:0 rbytes=101 wbytes=22\n",
  };
  deepStrictEqual(usageOf(files), {
    ...{ cores: 0.5, memoryLimit: 8000, cpu: 1.5, memory: 3000, memoryPeak: 7000 },
    ...{ read: 101, written: 22 },
  });
});

Deno.test("containerUsage() leaves out what the kernel does not tell, and what is no limit", () => {
  deepStrictEqual(usageOf({ "memory.current": "5000\n", "memory.max": "max\n" }), {
    cores: navigator.hardwareConcurrency,
    ...{ cpu: undefined, memory: 5000, memoryPeak: undefined },
    ...{ read: undefined, written: undefined },
  });
  const { cores } = usageOf({ "memory.current": "1\n", "cpu.max": "99900000 100000\n" });
  deepStrictEqual(cores, navigator.hardwareConcurrency);
});
