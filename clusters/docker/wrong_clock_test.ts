import { ok, strictEqual } from "node:assert/strict";
import { requirement } from "../requirement.ts";
import { createNetwork } from "./cluster_network.ts";
import { haveEngine, openEngine } from "./testing/engine.ts";

const hasEngine = await haveEngine();
const faketime = await requirement("faketime", async () => {
  await new Deno.Command("faketime", { args: ["--version"], stdout: "null" }).output();
  return "faketime";
});

/** A sweep that only lists, in a process of its own. */
const PROGRAM = `
  import { docker } from ${JSON.stringify(import.meta.resolve("./mod.ts"))};
  const { found } = await docker().sweep({ dryRun: true });
  console.log(JSON.stringify(found.map(({ id }) => id)));`;

Deno.test({
  name: "a sweep spares what another machine has, though the clock here is days ahead",
  ignore: !hasEngine || faketime === undefined,
  fn: async () => {
    await using engine = await openEngine();
    const elsewhere = { namespace: "0123456789abcdef", pid: 1, start: "1" };
    const clusterId = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
    const run = { id: `20260101000000r${clusterId.slice(0, 8)}`, owner: elsewhere };
    const network = await createNetwork(engine, { run, clusterId }, new AbortController().signal);
    try {
      const config = new URL("../../deno.json", import.meta.url).pathname;
      const { stdout, stderr } = await new Deno.Command("faketime", {
        args: ["-f", "+60h", Deno.execPath(), "eval", "--no-check", "--config", config, PROGRAM],
      }).output();
      const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      ok(output?.startsWith("["), errors);
      strictEqual(JSON.parse(output!).includes(network), false, output);
    } finally {
      await engine.call({ what: "remove it", method: "DELETE", path: `/networks/${network}` });
    }
  },
});
