/**
 * What becomes of a node that a test takes out of its network: its agent is found again, whichever way
 * it was reached, and calls in flight do not notice.
 *
 * @module
 */
import { rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import type { Node } from "../node/node.ts";
import { docker } from "./backend.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

/** Milliseconds without a heartbeat after which an agent ends itself: its lease. */
const LEASE = 4000;

/** Says a number five times a second, for longer than the lease. */
const COUNT = "for i in $(seq 40); do echo $i; sleep 0.2; done";

/** A network of the engine, which a node can be taken out of and put back into. */
async function changeNetwork(
  verb: "connect" | "disconnect",
  { network, node }: { network: string; node: Node },
): Promise<void> {
  await using engine = await openEngine();
  const path = `/networks/${network}/${verb}`;
  await engine.call({ what: verb, method: "POST", path, body: { Container: node.id } });
}

Deno.test({
  name: "a node that is taken out of its network is reached all the same, and loses no byte",
  ignore,
  fn: async () => {
    const heartbeat = { interval: 500, timeout: LEASE };
    await using cluster = await Cluster.create(docker({ image: testImages.busybox }), {
      heartbeat,
      progress: false,
    });
    const [one, two] = await cluster.addNodes(2) as [Node, Node];
    const place = { network: `clustertest-${cluster.id}`, node: two };
    await using counting = await two.spawn("sh", ["-c", COUNT], { stdout: "piped" });
    const output = new Response(counting.stdout).text();

    await changeNetwork("disconnect", place);
    strictEqual((await two.run("echo", ["apart"])).stdout, "apart\n");
    const signal = AbortSignal.timeout(1000);
    await rejects(one.connect({ hostname: two.address, port: 1, signal }), {
      name: "TimeoutError",
    });

    await changeNetwork("connect", place);
    strictEqual((await two.run("echo", ["back"])).stdout, "back\n");
    await one.run("ping", ["-c", "1", two.address]);

    await changeNetwork("disconnect", { ...place, network: "bridge" });
    strictEqual((await two.run("echo", ["where it was"])).stdout, "where it was\n");

    await changeNetwork("disconnect", place);
    const numbers = Array.from({ length: 40 }, (_, index) => `${index + 1}\n`);
    strictEqual(await output, numbers.join(""));
    strictEqual((await two.run("echo", ["still there"])).stdout, "still there\n");
  },
});
