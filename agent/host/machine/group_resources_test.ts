import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { GroupFiles } from "./group_files.ts";
import { GroupResources } from "./group_resources.ts";

/** The files of a group, by their names below where control groups are. */
type Files = Readonly<Record<string, string>>;

const FIRST: Files = {
  "cpu/cpu.cfs_quota_us": "50000\n",
  "cpu/cpu.cfs_period_us": "100000\n",
  "cpu/cpu.stat": "nr_periods 7\nnr_throttled 5\nthrottled_time 12\n",
  "cpuacct/cpuacct.usage": "2500000\n",
  "memory/memory.limit_in_bytes": "104857600\n",
  "memory/memory.usage_in_bytes": "1000\n",
  "memory/memory.stat": "active_file 1\ntotal_active_file 100\ntotal_inactive_file 300\n",
};

const SECOND: Files = {
  "cpu.max": "50000 100000\n",
  "cpu.stat": "usage_usec 2500\nnr_throttled 5\n",
  "memory.max": "104857600\n",
  "memory.current": "1000\n",
  "memory.stat": "anon 5\ninactive_file 300\nactive_file 100\n",
};

const NO_LIMIT_FIRST: Files = {
  ...FIRST,
  "cpu/cpu.cfs_quota_us": "-1\n",
  "memory/memory.limit_in_bytes": "9223372036854771712\n",
};

const NO_LIMIT_SECOND: Files = { ...SECOND, "cpu.max": "max 100000\n", "memory.max": "max\n" };

const ALL = "5:cpu:/x\n4:cpuacct:/x\n3:memory:/x\n0::/x\n";

/** What is seen of a process that is in these groups. */
async function seen(files: Files, membership: string) {
  const groups = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(groups, name)), { recursive: true });
      await Deno.writeTextFile(join(groups, name), text);
    }
    await Deno.writeTextFile(join(groups, "self"), membership);
    const places = { groups, membership: join(groups, "self") };
    const { cpuLimit, cpuUsed, throttled, memoryLimit, memoryUsed } = new GroupResources(
      new GroupFiles(places),
    );
    return [cpuLimit, cpuUsed, throttled, memoryLimit, memoryUsed];
  } finally {
    await Deno.remove(groups, { recursive: true });
  }
}

Deno.test("GroupResources tells the same of both versions of control groups", async () => {
  const expected = [0.5, 2.5, 5, 104857600, 600];
  assert.deepEqual(await seen(FIRST, ALL), expected);
  assert.deepEqual(await seen(SECOND, "0::/\n"), expected);
  const combined = Object.entries(FIRST).map(([name, text]) => [
    name.replace(/^cpu(acct)?\//, "cpu,cpuacct/"),
    text,
  ]);
  const links = Object.fromEntries([...combined, ...Object.entries(FIRST)]);
  assert.deepEqual(await seen(links, "4:cpu,cpuacct:/x\n3:memory:/x\n"), expected);
});

Deno.test("GroupResources knows what is no limit, and what is not told", async () => {
  const expected = [null, 2.5, 5, null, 600];
  assert.deepEqual(await seen(NO_LIMIT_FIRST, ALL), expected);
  assert.deepEqual(await seen(NO_LIMIT_SECOND, "0::/\n"), expected);
  assert.deepEqual(await seen({}, ""), [null, null, null, null, null]);
});
