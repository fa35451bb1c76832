import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { requirement } from "../../clusters/requirement.ts";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { MemoryGroup } from "../testing/memory_group.ts";
import { OomKills } from "./oom_kills.ts";

const LAYOUTS: Record<string, { membership: string; file: string; before: string }> = {
  "the second version": {
    membership: "0::/a/b\n",
    file: "a/b/memory.events",
    before: "oom 3\noom_kill 2\n",
  },
  "the first version": {
    membership: "5:cpu:/x\n4:memory:/a\n0::/\n",
    file: "memory/a/memory.oom_control",
    before: "under_oom 0\noom_kill 2\n",
  },
  "a container that is told a path of its host": {
    membership: "4:memory,hugetlb:/docker/0123\n",
    file: "memory/memory.oom_control",
    before: "under_oom 0\noom_kill 2\n",
  },
};

for (const [what, { membership, file, before }] of Object.entries(LAYOUTS)) {
  Deno.test(`OomKills counts from now on, each kill once, in ${what}`, async () => {
    const groups = await Deno.makeTempDir();
    try {
      await Deno.mkdir(dirname(join(groups, file)), { recursive: true });
      await Deno.writeTextFile(join(groups, file), before);
      await Deno.writeTextFile(join(groups, "membership"), membership);
      const kills = new OomKills({ groups, membership: join(groups, "membership") });
      assert.equal(kills.claim(), false);
      await Deno.writeTextFile(join(groups, file), before.replace("oom_kill 2", "oom_kill 4"));
      assert.deepEqual([kills.claim(), kills.claim(), kills.claim()], [true, true, false]);
    } finally {
      await Deno.remove(groups, { recursive: true });
    }
  });
}

Deno.test("OomKills has none where nothing tells", () => {
  const kills = new OomKills({ groups: "/nowhere", membership: "/nowhere/membership" });
  assert.equal(kills.claim(), false);
});

const groups = await requirement("memory groups", () => MemoryGroup.check());

Deno.test({
  name: "a process says that the OOM killer has ended it, and that another signal has not",
  ignore: groups === undefined,
  fn: async () => {
    await using group = await MemoryGroup.create(300 * 1024 * 1024);
    await using enrolled = await startEnrolled({ wrapper: group.wrapper });
    await using host = await openHost(enrolled);
    const status = async (script: string) => {
      const process = await host.processes.start({ command: "sh", args: ["-c", script] });
      return await process.status;
    };
    const hog = "dd if=/dev/zero of=/dev/null bs=400M count=1";
    const { signal, outOfMemory } = await status(`exec ${hog}`);
    assert.deepEqual({ signal, outOfMemory }, { signal: "SIGKILL", outOfMemory: true });
    assert.equal((await status("kill -KILL $$")).outOfMemory, undefined);
    // The shell reports by its code that one of its processes was killed.
    const inShell = await status(`${hog}; exit $?`);
    assert.deepEqual([inShell.code, inShell.outOfMemory], [137, true]);
    assert.equal((await status("exit 137")).outOfMemory, undefined);
  },
});
