/**
 * Faults of a container and of a node that has this machine's network, by which it reaches the container
 * without a link.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { docker } from "../docker/mod.ts";
import { haveEngine, seesThisMachine, testImages } from "../docker/testing/engine.ts";
import { FaultProofError } from "../faults/mod.ts";
import { local } from "../local/mod.ts";
import type { Node } from "../node/mod.ts";
import { composed } from "./mod.ts";

const ignore = !await haveEngine() || !await seesThisMachine();

/** The port of the service. */
const PORT = 7000;

interface Scene {
  readonly cluster: Cluster;
  readonly box: Node;
  readonly here: Node;
  /** Warnings by now. */
  readonly warnings: readonly string[];
}

function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      const backend = composed({ box: docker({ image: testImages.busybox }), here: local() });
      await using cluster = await Cluster.create(backend, { progress: false });
      const warnings: string[] = [];
      using _subscription = cluster.events.subscribe((event) => {
        if (event.type === "warning") warnings.push(event.message);
      });
      const [box, here] = await cluster.addNodes([{ in: "box" }, { in: "here" }]);
      await fn({ cluster: cluster as unknown as Cluster, box, here, warnings });
    },
  });
}

test("a fault of nodes that reach each other without a link is no fault, and is not proved", async (scene) => {
  const { cluster: { faults }, box, here, warnings } = scene;
  const attempts = [
    () => faults.partition([box, here]),
    () => faults.isolate(box),
    () => faults.block({ from: here, to: box }),
    () => faults.block({ from: box, to: here }, { protocol: "udp" }),
  ];
  for (const attempt of attempts) {
    await rejects(attempt, (error: FaultProofError) => {
      ok(error instanceof FaultProofError, String(error));
      match(error.message, /from node2 to node1 \(\d.*\) over tcp, to be dropped: 1 sent, 1 arr/);
      match(error.message, /\nThe test relays nothing between these nodes.*cluster\.link\(\)/);
      return true;
    });
  }
  deepStrictEqual(warnings, []);
  const unproved = await faults.partition([box, here], { proof: false });
  await unproved.heal();
});

test("a fault of linked nodes says which ways there are beside the links, and warns once", async (scene) => {
  const { cluster, box, here, warnings } = scene;
  await using _link = await cluster.link(here, box, PORT);
  for (const groups of [[box, here], [here, box]]) {
    await using cut = await cluster.faults.partition(groups);
    deepStrictEqual(cut.proof!.open, [{ from: here.name, to: box.name, address: box.address }]);
  }
  strictEqual(warnings.length, 1);
  match(
    warnings[0]!,
    /^Faults cut the links .* "node2" reaches "node1" at \d[\d.]+ beside them\. Give/,
  );
});

test("a container is cut from what is outside beside a node that has this machine's network", async (scene) => {
  const { cluster: { faults }, box, here } = scene;
  await using _service = await box.listen({ port: PORT });
  const target = { hostname: box.address, port: PORT };
  for (const direction of [{ from: "outside", to: box }, { from: box, to: "outside" }] as const) {
    await using cut = await faults.block(direction);
    ok(cut.proof!.checks.length > 0);
  }
  await using outside = await faults.partition([box, "outside"]);
  const signal = AbortSignal.timeout(300);
  await rejects(here.connect({ ...target, signal }), { name: "TimeoutError" });
  // What this machine sends is dropped, so there is no way left.
  await using cut = await faults.partition([box, here]);
  strictEqual(cut.proof!.open, undefined);
  await cut.heal();
  await outside.heal();
  await using _connection = await here.connect(target);
});

test("a shape of nodes that reach each other without a link is none, and is not proved", async (scene) => {
  const { cluster, box, here, warnings } = scene;
  const late = { latency: 50 };
  for (const way of [{ from: here, to: box }, { from: box, to: here }]) {
    await rejects(cluster.faults.shape(way, late), (error: FaultProofError) => {
      ok(error instanceof FaultProofError, String(error));
      match(error.message, /from node2 to node1 \(\d.*\) over tcp, to be shaped: 1 sent, 1 arr/);
      match(error.message, /\nThe test relays nothing .*; or shape what a node gets from this m/);
      return true;
    });
  }
  // As the error says: packets from this machine are shaped, and with them those of nodes that have it.
  await using _outside = await cluster.faults.shape({ from: "outside", to: box }, late);
  await using shaped = await cluster.faults.shape({ from: here, to: box }, late);
  deepStrictEqual([shaped.proof!.open, warnings], [undefined, []]);
});

test("a shape of linked nodes says which ways there are beside the links, and warns once", async (scene) => {
  const { cluster, box, here, warnings } = scene;
  await using _link = await cluster.link(here, box, PORT);
  const way = { from: box, to: here };
  for (const options of [{ latency: 50 }, { bandwidth: "1mbit" }]) {
    await using shaped = await cluster.faults.shape(way, options);
    deepStrictEqual(shaped.proof!.open, [{ from: here.name, to: box.name, address: box.address }]);
  }
  deepStrictEqual(warnings.map((each) => each.slice(0, 30)), ["Faults shape the links between"]);
});

test("a node that is added to what is isolated is warned of where it needs no link", async (scene) => {
  const { cluster, box, here, warnings } = scene;
  await using _link = await cluster.link(here, box, PORT);
  const { address } = box;
  await using cut = await cluster.faults.isolate(box);
  const open = [{ from: here.name, to: box.name, address }];
  deepStrictEqual(cut.proof!.open, open);
  const late = await cluster.addNode({ in: "here" } as never);
  deepStrictEqual(cut.proof!.open, [...open, { from: late.name, to: box.name, address }]);
  strictEqual(warnings.length, 1);
});
