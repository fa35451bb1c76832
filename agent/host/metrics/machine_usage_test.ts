import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { loadOf, machineUsage, networkUsage } from "./machine_usage.ts";
import { systemConstants } from "./system_constants.ts";
import { systemFiles } from "./testing/system_files.ts";

const PROC = {
  "stat": "cpu  10 1 5 1000 50 2 3 7 4 0\ncpu0 9 9 9 9\n",
  "meminfo": "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    400 kB\n",
  "diskstats": "   8 0 sda 1 0 10 0 2 0 20 0 0 0 0\n   8 1 sda1 1 0 10 0 2 0 20 0 0 0 0\n" +
    " 259 0 nvme0n1 1 0 1 0 2 0 2 0 0 0 0\n   7 0 loop0 1 0 99 0 2 0 99 0 0 0 0\n",
  "net/dev": "Inter-| Receive | Transmit\n face |bytes |bytes\n" +
    "    lo: 99 9 0 0 0 0 0 0 99 9 0 0 0 0 0 0\n" +
    "  eth0:100 3 0 0 0 0 0 0 200 4 0 0 0 0 0 0\n  eth1: 1 1 0 0 0 0 0 0 2 1 0 0 0 0 0 0\n",
  "loadavg": "1.25 0.5 0.1 1/2 3\n",
};

Deno.test("machineUsage() adds up what is the machine's, and nothing twice", () => {
  using files = systemFiles(PROC);
  deepStrictEqual(machineUsage({ pageSize: 4096, tick: 10 }, files.dir), {
    cores: navigator.hardwareConcurrency,
    ...{ cpu: 210, memoryLimit: 1_024_000, memory: 614_400, read: 11 * 512, written: 22 * 512 },
  });
  deepStrictEqual(networkUsage(files.dir), {
    ...{ received: 101, sent: 202, packetsIn: 4, packetsOut: 5 },
  });
  strictEqual(loadOf(files.dir), 1.25);
});

Deno.test("machineUsage() leaves out what the system does not tell", () => {
  using files = systemFiles({});
  const { cpu, memory, read } = machineUsage({ pageSize: 4096, tick: 10 }, files.dir);
  deepStrictEqual([cpu, memory, read], [undefined, undefined, undefined]);
  deepStrictEqual(networkUsage(files.dir), {});
  strictEqual(loadOf(files.dir), undefined);
});

Deno.test("systemConstants() are those of most kernels where this one does not tell", () => {
  deepStrictEqual(systemConstants("/dev/null"), { pageSize: 4096, tick: 10 });
  deepStrictEqual(systemConstants("/missing"), { pageSize: 4096, tick: 10 });
  const { pageSize, tick } = systemConstants();
  ok(pageSize >= 4096 && Number.isInteger(Math.log2(pageSize)));
  ok(tick > 0 && tick <= 10);
});
