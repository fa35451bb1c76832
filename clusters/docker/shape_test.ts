/**
 * What it takes to shape packets, and whether the proof can fail.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { Fault, ShapeOptions } from "../faults/mod.ts";
import type { Node } from "../node/mod.ts";
import { eventually } from "../waiting/mod.ts";
import { docker } from "./backend.ts";
import { withPackets } from "./testing/changed_packets.ts";
import { haveEngine, testImages } from "./testing/engine.ts";
import { networkWithIpv6 } from "./testing/ipv6_network.ts";
import { killSidecar } from "./testing/kill_sidecar.ts";

const ignore = !await haveEngine();

Deno.test({
  name: "a shape whose rules concern nothing, or too much, fails",
  ignore,
  async fn() {
    let concernsAll = false;
    const backend = withPackets((packets) => ({
      shape: (rules, shaping, options) =>
        packets.shape(
          rules.map((rule) =>
            concernsAll
              ? { direction: rule.direction, peer: rule.peer }
              : { ...rule, peer: "192.0.2.77" }
          ),
          shaping,
          options,
        ),
    }));
    await using cluster = await Cluster.create(backend);
    const [a, b] = await cluster.addNodes(2);
    const attempt = (options: ShapeOptions) => cluster.faults.shape({ from: a, to: b }, options);
    await rejects(attempt({ latency: 1_000 }), /to be shaped: 3 sent, \d arrived, 0 dropped/);
    await rejects(attempt({ loss: 0.5, protocol: "tcp" }), /over tcp, to be shaped/);
    concernsAll = true;
    await rejects(
      attempt({ loss: 1, protocol: "tcp" }),
      /over udp, to be arrived: 3 sent, 0 arrived/,
    );
  },
});

Deno.test({
  name: "nodes need neither root, nor capabilities, nor a writable root, to have packets shaped",
  ignore,
  async fn() {
    const image = testImages.scratch;
    await using cluster = await Cluster.create(docker({ image }), { needs: ["shape"] });
    const [a, b] = await cluster.addNodes([
      { user: "1000:1000", readOnlyRoot: true, capabilities: { drop: ["ALL"] } },
      {},
    ]);
    await using slow = await cluster.faults.shape({ from: [a, b], to: [a, b] }, { latency: 20 });
    deepStrictEqual(slow.proof!.measurements!.map(({ from, asked }) => [from, asked]), [
      ["node1", 40],
      ["node2", 40],
    ]);
  },
});

Deno.test({
  name: "a shape spreads latencies as it is asked to, and lets packets overtake, beside others",
  ignore,
  async fn() {
    await using cluster = await Cluster.create(docker({ image: testImages.busybox }));
    const [a, b] = await cluster.addNodes(2);
    const seeds: (number | undefined)[] = [];
    using _seeds = cluster.events.subscribe((event) => {
      if (event.type === "fault-injected") seeds.push(event.seed);
    });
    await using one = await cluster.faults.shape({ from: a, to: b }, {
      ...{ latency: 50, jitter: 20, distribution: "pareto", reorder: 0.2, seed: 7 },
    });
    const quantities = (fault: Fault) =>
      fault.proof!.measurements!.map(({ quantity, asked }) => [quantity, Number(asked.toFixed(3))]);
    deepStrictEqual(quantities(one), [
      ["latency", 50],
      ["jitter", 20],
      ["distribution", 0],
      ["reorder", 0.2],
    ]);
    // Another shape of the link knows of the first, and is shown beside it.
    await using other = await cluster.faults.shape({ from: a, to: b }, {
      ...{ latency: 30, jitter: 30, distribution: "normal", duplicate: 0.3 },
    });
    deepStrictEqual(quantities(other), [
      ["latency", 80],
      ["jitter", 50],
      ["distribution", 0],
      ["duplicate", 0.3],
    ]);
    strictEqual(seeds[0], 7);
    ok(Number.isInteger(seeds[1]), "a seed that the test has not given is known as well");
  },
});

Deno.test({
  name: "packets of IPv6 are delayed and copied as well, between nodes that have both families",
  ignore,
  async fn() {
    await using network = await networkWithIpv6();
    const backend = docker({ image: testImages.busybox, network: network.name });
    await using cluster = await Cluster.create(backend);
    const [a, b] = await cluster.addNodes(2);
    await using slow = await cluster.faults.shape({ from: a, to: b }, {
      ...{ latency: 100, duplicate: 0.5 },
    });
    const late = slow.proof!.measurements!.filter(({ quantity }) => quantity === "latency");
    deepStrictEqual(late.map(({ address }) => address.includes(":")), [false, true]);
    const [, v6] = late;
    ok(v6!.measured >= 99, `${v6!.measured} ms`);
    const copied = await pings(a, v6!.address);
    ok(copied.includes("DUP!"), copied);
  },
});

/** What `ping` says of many answers, each of which may come twice. */
async function pings(from: Node, address: string): Promise<string> {
  const args = ["-6", "-c20", "-i0.02", "-W5", address];
  const { stdout } = await from.run("ping", args, { check: false });
  return stdout;
}

Deno.test({
  name: "a shape is gone with the sidecar that makes it, and that is told",
  ignore,
  async fn() {
    await using cluster = await Cluster.create(docker({ image: testImages.busybox }));
    const events: ClusterEvent[] = [];
    using _subscription = cluster.events.subscribe((event) => void events.push(event));
    const [a, b] = await cluster.addNodes(2);
    const slow = await cluster.faults.shape({ from: a, to: b }, {
      ...{ latency: 60_000, duplicate: 0.5, proof: false },
    });
    const connecting = a.connect({ hostname: b.address, port: 1 }).catch((error) => error);
    await killSidecar(cluster, "node2");
    await eventually(() => ok(events.some(({ type }) => type === "fault-healed")));
    match(
      events.find((event) => event.type === "fault-healed")!.error!,
      /^The fault ended on node "node2" by itself: /,
    );
    // What waited is lost, and sent again by TCP.
    strictEqual((await connecting).name, "ConnectionRefused");
    await rejects(slow.heal(), /it was lost before\.\n.* on node "node2" by itself/);
  },
});
