import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { containerGroup } from "./control_group.ts";
import { systemFiles } from "./testing/system_files.ts";

const UNIFIED = {
  "memory.current": "5000\n",
  "memory.max": "8000\n",
  "memory.stat": "anon 1\ninactive_anon 7\ninactive_file 2000\n",
  "cpu.stat": "usage_usec 1500\nuser_usec 1000\n",
  "cpu.max": "50000 100000\n",
  "io.stat": "8:0 rbytes=100 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2 rios=1\n",
};

const LEGACY = {
  "cpu/cpu.cfs_quota_us": "-1\n",
  "cpu/cpu.cfs_period_us": "100000\n",
  "cpuacct/cpuacct.usage": "1500000\n",
  "memory/memory.usage_in_bytes": "5000\n",
  "memory/memory.limit_in_bytes": "9223372036854771712\n",
  "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 2000\n",
  "blkio/blkio.throttle.io_service_bytes": "8:0 Read 100\n8:0 Write 20\n8:16 Read 1\nTotal 121\n",
};

Deno.test("containerGroup() reads the second version of control groups", () => {
  using files = systemFiles(UNIFIED);
  deepStrictEqual(containerGroup(files.dir)!(), {
    ...{ cores: 0.5, memoryLimit: 8000, cpu: 1.5, memory: 3000, read: 101, written: 22 },
  });
});

Deno.test("containerGroup() reads the first version of control groups", () => {
  using files = systemFiles(LEGACY);
  deepStrictEqual(containerGroup(files.dir)!(), {
    ...{ cores: navigator.hardwareConcurrency, cpu: 1.5, memory: 3000, read: 101, written: 20 },
  });
});

Deno.test("containerGroup() leaves out what the kernel does not tell", () => {
  using files = systemFiles({
    "memory.current": "5000\n",
    "memory.max": "max\n",
    "cpu.max": "max",
  });
  deepStrictEqual(containerGroup(files.dir)!(), {
    cores: navigator.hardwareConcurrency,
    ...{ cpu: undefined, memory: 5000, read: undefined, written: undefined },
  });
});

Deno.test("containerGroup() is none at the root of a machine", () => {
  using unified = systemFiles({ "cpu.stat": "usage_usec 1\n", "memory.stat": "anon 1\n" });
  strictEqual(containerGroup(unified.dir), undefined);
  using legacy = systemFiles({ "memory/memory.usage_in_bytes": "5000\n" });
  strictEqual(containerGroup(legacy.dir), undefined);
  strictEqual(containerGroup(`${legacy.dir}/missing`), undefined);
});
