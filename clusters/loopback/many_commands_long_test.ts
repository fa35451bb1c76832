import { MAX_CHANNELS } from "../../agent/wire/protocol.ts";
import { Cluster } from "../cluster/cluster.ts";
import { loopback } from "./backend.ts";

/** Milliseconds that as many commands take at most, on a machine that has other things to do. */
const PATIENCE = 180_000;

Deno.test("run() runs more commands, one after another, than there may be channels", async () => {
  await using cluster = await Cluster.create(loopback());
  const node = await cluster.addNode();
  const signal = AbortSignal.timeout(PATIENCE);
  for (let i = 0; i < MAX_CHANNELS + 10; i++) await node.run("true", [], { signal });
});
