/**
 * What it takes to shape packets, and whether the proof can fail.
 *
 * @module
 */
import { deepStrictEqual, rejects } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import type { Fault, ShapeOptions } from "../faults/mod.ts";
import { docker } from "./backend.ts";
import { withPackets } from "./testing/changed_packets.ts";
import { haveEngine, testImages } from "./testing/engine.ts";

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
  },
});
