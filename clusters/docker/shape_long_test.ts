/**
 * Whether the proof of a fault that shapes packets can fail.
 *
 * @module
 */
import { match, ok, strictEqual } from "node:assert/strict";
import type { PacketShaping } from "../../agent/host/host.ts";
import { Cluster } from "../cluster/mod.ts";
import { FaultProofError, type ShapeOptions } from "../faults/mod.ts";
import { withPackets } from "./testing/changed_packets.ts";
import { haveEngine } from "./testing/engine.ts";

/** So late, and so differently, that nothing else is. */
const LATE = { latency: 1_000, jitter: 1_000, distribution: "pareto" } as const;

const ignore = !await haveEngine();

Deno.test({
  name:
    "a shape whose mechanism does nothing, or too much, fails, says what was measured, and is undone",
  ignore,
  async fn() {
    let left = 0;
    let change: Partial<PacketShaping> = {};
    const backend = withPackets((packets) => ({
      async shape(rules, shaping, options) {
        const shape = await packets.shape(rules, { ...shaping, ...change }, options);
        left++;
        return {
          lost: shape.lost,
          counts: () => shape.counts(),
          include: (rules) => shape.include(rules),
          [Symbol.asyncDispose]: async () => {
            left--;
            await shape[Symbol.asyncDispose]();
          },
        };
      },
    }));
    await using cluster = await Cluster.create(backend);
    const [a, b] = await cluster.addNodes(2);
    const attempts: (readonly [ShapeOptions, Partial<PacketShaping>, RegExp])[] = [
      [{ latency: 1_000 }, { latency: 0 }, /latency of 1000 was to be shown: \S+ measured by/],
      [{ latency: 100 }, { latency: 1_500 }, /latency of 100 was to be shown/],
      [{ latency: 500, jitter: 500 }, { jitter: 0 }, /jitter of 500 was to be shown/],
      [{ loss: 0.5 }, { loss: 0 }, /loss of 0.5 was to be shown: 0 measured/],
      [{ loss: 0.2 }, { loss: 0.9 }, /loss of 0.2 was to be shown/],
      [{ bandwidth: "100kbit" }, { bandwidth: undefined }, /bandwidth of 100000 was to be shown/],
      [{ bandwidth: "1mbit" }, { bandwidth: 100_000 }, /bandwidth of 1000000 was to be shown/],
      [{ loss: 0.5, protocol: "tcp" }, { loss: 0 }, /loss of 0.5 was to be shown/],
      [LATE, { distribution: "uniform" }, /distribution of 0 was to be shown/],
      [{ ...LATE, distribution: "uniform" }, { distribution: "normal" }, /distribution of 0 was/],
      [{ ...LATE, distribution: "normal" }, { distribution: "pareto" }, /distribution of 0 was/],
      [{ loss: 0.3, correlation: 0.6 }, { correlation: 0 }, /correlation of 0.6 was to be shown/],
      [{ duplicate: 0.2 }, { duplicate: 0 }, /duplicate of 0.2 was to be shown: 0 measured/],
      [{ duplicate: 0.2 }, { duplicate: 0.9 }, /duplicate of 0.2 was to be shown/],
      [
        { latency: 100, reorder: 0.2 },
        { reorder: 0 },
        /reorder of 0.2 was to be shown: 0 measured/,
      ],
      [{ corrupt: 0.2 }, { corrupt: 0 }, /corrupt of 0.2 was to be shown: 0 measured/],
      [{ corrupt: 0.2 }, { corrupt: 0.9 }, /corrupt of 0.2 was to be shown/],
      [{ corrupt: 0.2, protocol: "tcp" }, { corrupt: 0 }, /corrupt of 0.2 was to be shown/],
    ];
    for (const [options, made, message] of attempts) {
      change = made;
      const error = await cluster.faults.shape({ from: a, to: b }, options).catch((error) => error);
      ok(error instanceof FaultProofError, String(error));
      match(error.message, /^Cannot shape node1 to node2: /);
      match(error.message, message);
      strictEqual(left, 0);
    }
    change = { latency: 0 };
    const unproved = await cluster.faults.shape({ from: a, to: b }, { latency: 100, proof: false });
    await unproved.heal();
  },
});
