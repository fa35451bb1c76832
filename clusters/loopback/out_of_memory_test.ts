import assert from "node:assert/strict";
import { MemoryGroup } from "../../agent/testing/memory_group.ts";
import { requirement } from "../requirement.ts";

/** Has the kernel kill the agent of a node, and not what takes the memory. */
const PROGRAM = `
import { Cluster } from ${JSON.stringify(import.meta.resolve("../../mod.ts"))};
import { loopback } from ${JSON.stringify(import.meta.resolve("./mod.ts"))};
await using cluster = await Cluster.create(loopback());
const node = await cluster.addNode();
const hog = "echo 1000 >/proc/$PPID/oom_score_adj; dd if=/dev/zero of=/dev/null bs=600M count=1";
const error = await node.run("sh", ["-c", hog]).catch((error) => error);
console.log(error.message.split("\\n")[0]);
`;

const groups = await requirement("memory groups", () => MemoryGroup.check());

Deno.test({
  name: "a node whose agent the kernel kills for want of memory is lost for that reason",
  ignore: groups === undefined,
  fn: async () => {
    await using group = await MemoryGroup.create(500 * 1024 * 1024);
    const [command, ...args] = [
      ...group.wrapper,
      ...[Deno.execPath(), "eval", "--ext=ts", "--no-check", PROGRAM],
    ];
    const { stdout, stderr } = await new Deno.Command(command!, { args }).output();
    const text = new TextDecoder().decode(stdout);
    const expected =
      /was lost: its agent was ended by SIGKILL, since the kernel ran out of memory\n$/;
    assert.match(text, expected, text + new TextDecoder().decode(stderr));
  },
});
