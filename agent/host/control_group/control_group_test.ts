import assert from "node:assert/strict";
import { join } from "node:path";
import { systemFiles } from "../metrics/testing/system_files.ts";
import { ControlGroup } from "./control_group.ts";
import { GroupFiles } from "./group_files.ts";

/** The files of a group, by their names below where control groups are. */
type Files = Readonly<Record<string, string>>;

const FIRST: Files = {
  "cpu/cpu.cfs_quota_us": "50000\n",
  "cpu/cpu.cfs_period_us": "100000\n",
  "cpu/cpu.stat": "nr_periods 7\nnr_throttled 5\nthrottled_time 12\n",
  "cpuacct/cpuacct.usage": "2500000\n",
  "memory/memory.limit_in_bytes": "104857600\n",
  "memory/memory.usage_in_bytes": "1000\n",
  "memory/memory.max_usage_in_bytes": "1900\n",
  "memory/memory.stat": "active_file 1\ntotal_active_file 100\ntotal_inactive_file 300\n",
  "blkio/blkio.throttle.io_service_bytes":
    "8:0 Read 100\n8:0 Write 20\n8:16 Read 1\n8:16 Write 2\nTotal 123\n",
};

const SECOND: Files = {
  "cpu.max": "50000 100000\n",
  "cpu.stat": "usage_usec 2500\nnr_throttled 5\n",
  "memory.max": "104857600\n",
  "memory.current": "1000\n",
  "memory.peak": "1900\n",
  "memory.stat": "anon 5\ninactive_file 300\nactive_file 100\ninactive_anon 7\n",
  "io.stat": "8:0 rbytes=100 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2 rios=1\n",
};

const NO_LIMIT_FIRST: Files = {
  ...FIRST,
  "cpu/cpu.cfs_quota_us": "-1\n",
  "memory/memory.limit_in_bytes": "9223372036854771712\n",
};

const NO_LIMIT_SECOND: Files = { ...SECOND, "cpu.max": "max 100000\n", "memory.max": "max\n" };

const ALL = "5:cpu:/x\n4:cpuacct:/x\n3:memory:/x\n2:blkio:/x\n0::/x\n";

/** All that a group tells. */
function told(group: ControlGroup) {
  const { cpuLimit, cpuUsed, throttled, memoryLimit, memoryUsed, memoryNeeded } = group;
  const { memoryPeak, read, written } = group;
  return [
    ...[cpuLimit, cpuUsed, throttled, memoryLimit],
    ...[memoryUsed, memoryNeeded, memoryPeak, read, written],
  ];
}

/** What is seen of a process that is in these groups. */
function seen(files: Files, membership: string) {
  using system = systemFiles({ ...files, self: membership });
  const places = { groups: system.dir, membership: join(system.dir, "self") };
  return told(new ControlGroup(GroupFiles.ofProcess(places)));
}

Deno.test("ControlGroup tells the same of both versions of control groups", () => {
  const expected = [0.5, 2.5, 5, 104857600, 700, 600, 1900, 101, 22];
  assert.deepEqual(seen(FIRST, ALL), expected);
  assert.deepEqual(seen(SECOND, "0::/\n"), expected);
  const combined = Object.entries(FIRST).map(([name, text]) => [
    name.replace(/^cpu(acct)?\//, "cpu,cpuacct/"),
    text,
  ]);
  const links = Object.fromEntries([...combined, ...Object.entries(FIRST)]);
  assert.deepEqual(seen(links, "4:cpu,cpuacct:/x\n3:memory:/x\n2:blkio:/x\n"), expected);
});

Deno.test("ControlGroup knows what is no limit, and what is not told", () => {
  const expected = [undefined, 2.5, 5, undefined, 700, 600, 1900, 101, 22];
  assert.deepEqual(seen(NO_LIMIT_FIRST, ALL), expected);
  assert.deepEqual(seen(NO_LIMIT_SECOND, "0::/\n"), expected);
  assert.deepEqual(seen({}, ""), Array(9).fill(undefined));
});

Deno.test("ControlGroup of a container is that at the root of what is mounted, by either version", () => {
  for (const files of [FIRST, SECOND]) {
    using system = systemFiles(files);
    assert.deepEqual(told(ControlGroup.ofContainer(system.dir)!), [
      ...[0.5, 2.5, 5, 104857600, 700, 600, 1900, 101, 22],
    ]);
  }
});

Deno.test("ControlGroup of a container is none at the root of a machine", () => {
  using second = systemFiles({ "cpu.stat": "usage_usec 1\n", "memory.stat": "anon 1\n" });
  assert.equal(ControlGroup.ofContainer(second.dir), undefined);
  using first = systemFiles({ "memory/memory.usage_in_bytes": "5000\n" });
  assert.equal(ControlGroup.ofContainer(first.dir), undefined);
  assert.equal(ControlGroup.ofContainer(`${first.dir}/missing`), undefined);
});

Deno.test("ControlGroup tells anew what has changed, also of a file that has come meanwhile", () => {
  using system = systemFiles({ "memory.current": "1000\n" });
  const group = ControlGroup.ofContainer(system.dir)!;
  assert.deepEqual([group.memoryUsed, group.cpuUsed], [1000, undefined]);
  Deno.writeTextFileSync(join(system.dir, "memory.current"), "2000\n");
  Deno.writeTextFileSync(join(system.dir, "cpu.stat"), "usage_usec 3000\n");
  assert.deepEqual([group.memoryUsed, group.cpuUsed], [2000, 3]);
});
