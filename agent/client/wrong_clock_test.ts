import { strictEqual } from "node:assert/strict";
import { requirement } from "../../clusters/requirement.ts";

const faketime = await requirement("faketime", async () => {
  await new Deno.Command("faketime", { args: ["--version"], stdout: "null" }).output();
  return "faketime";
});

/** Makes a loopback node, whose agent has the same clock as this machine, and runs a command there. */
const PROGRAM = `
  import { Cluster } from ${JSON.stringify(import.meta.resolve("../../mod.ts"))};
  import { loopback } from ${JSON.stringify(import.meta.resolve("../../clusters/loopback/mod.ts"))};
  await using cluster = await Cluster.create(loopback(), { progress: false });
  const node = await cluster.addNode();
  console.log((await node.run("echo", ["hello"])).stdout.trim());`;

for (const offset of ["+60h", "-60h", "+3y"]) {
  Deno.test({
    name: `an agent is enrolled by a runner whose clock is off by ${offset}`,
    ignore: faketime === undefined,
    fn: async () => {
      const config = new URL("../../deno.json", import.meta.url).pathname;
      const deno = [Deno.execPath(), "eval", "--no-check", "--config", config, PROGRAM];
      // The agent's environment is made anew, so that it has the machine's own clock.
      const { stdout, stderr } = await new Deno.Command("faketime", {
        args: ["-f", offset, ...deno],
        env: { NO_COLOR: "1" },
      }).output();
      const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      strictEqual(output, "hello\n", errors);
    },
  });
}
