import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ClusterEvent } from "../events/mod.ts";
import { FaultProofError } from "../faults/mod.ts";
import { eventually } from "../waiting/mod.ts";
import { docker } from "./backend.ts";
import { withPackets } from "./testing/changed_packets.ts";
import { haveEngine, testImages } from "./testing/engine.ts";
import { killSidecar } from "./testing/kill_sidecar.ts";
import { networkWithIpv6 } from "./testing/ipv6_network.ts";
import { PATIENCE, pingable } from "./testing/ping.ts";
import { TcpRelay } from "./testing/tcp_relay.ts";

const ignore = !await haveEngine();

/** Whether the second node answers the first one, within so many seconds. */
async function reaches({ nodes }: Cluster, within?: number): Promise<boolean> {
  const [one, other] = ["node1", "node2"].map((name) => nodes.find((node) => node.name === name)!);
  return await pingable(one!, other!.address, within);
}

Deno.test({
  name: "a fault whose rules drop nothing fails, says what was seen, and is undone",
  ignore,
  async fn() {
    let left = 0;
    const backend = withPackets((packets) => ({
      async drop(rules, options) {
        // As many, of an address that nobody has.
        const others = rules.map((rule) => ({ ...rule, peer: "192.0.2.77" }));
        const drop = await packets.drop(others, options);
        left++;
        return {
          lost: drop.lost,
          counts: () => drop.counts(),
          [Symbol.asyncDispose]: async () => {
            left--;
            await drop[Symbol.asyncDispose]();
          },
        };
      },
    }));
    await using cluster = await Cluster.create(backend);
    const [a, b, c] = await cluster.addNodes(3);
    const { faults } = cluster;
    const attempts = [
      () => faults.partition([a, [b, c]]),
      () => faults.isolate(a),
      () => faults.block({ from: a, to: b }),
      () => faults.block({ from: a, to: b }, { port: 80 }),
      () => faults.block({ from: a, to: b }, { protocol: "udp" }),
      () => faults.block({ from: a, to: b }, { protocol: "tcp" }),
      () => faults.block({ from: a, to: b }, { protocol: "icmp" }),
    ];
    for (const attempt of attempts) {
      const error = await attempt().catch((error) => error);
      ok(error instanceof FaultProofError, String(error));
      match(error.message, /^Cannot (partition|isolate|block) node1.*checks did not show it\n/);
      match(error.message, /to be dropped: \d sent, \d arrived, 0 dropped/);
      ok(error.stack!.includes("faults_test.ts"), error.stack);
      strictEqual(left, 0);
    }
    const unproved = await faults.partition([a, b], { proof: false });
    await unproved.heal();
  },
});

Deno.test({
  name: "a fault that stops more than it was asked to fails",
  ignore,
  async fn() {
    const backend = withPackets((packets) => ({
      drop: (rules, options) =>
        packets.drop(
          rules.map(({ direction, peer }) => ({ direction, peer })),
          options,
        ),
    }));
    await using cluster = await Cluster.create(backend);
    const [a, b] = await cluster.addNodes(2);
    const error = await cluster.faults.block({ from: a, to: b }, { port: 80 })
      .catch((error) => error);
    ok(error instanceof FaultProofError, String(error));
    match(error.message, /over udp, to be arrived: 3 sent, 0 arrived/);
    match(error.message, /\{ proof: false \}$/);
  },
});

Deno.test({
  name: "nodes need neither root, nor capabilities, nor a writable root, to be partitioned",
  ignore,
  async fn() {
    const image = testImages.scratch;
    await using cluster = await Cluster.create(docker({ image }), { needs: ["partition"] });
    const [a, b] = await cluster.addNodes([
      { user: "1000:1000", readOnlyRoot: true, capabilities: { drop: ["ALL"] } },
      {},
    ]);
    await using cut = await cluster.faults.partition([a, b]);
    ok(cut.proof!.checks.length > 0);
    const listener = await b.listen({ port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const signal = AbortSignal.timeout(300);
    await rejects(a.connect({ hostname: b.address, port, signal }), { name: "TimeoutError" });
    await cut.heal();
    await using _connection = await a.connect({ hostname: b.address, port });
    await listener[Symbol.asyncDispose]();
  },
});

/** A fault whose sidecar is killed, on the engine at an address. */
async function loseSidecar(host?: string): Promise<void> {
  await using cluster = await Cluster.create(docker({ host, image: testImages.busybox }));
  const events: ClusterEvent[] = [];
  using _subscription = cluster.events.subscribe((event) => void events.push(event));
  const [a, b] = await cluster.addNodes(2);
  const cut = await cluster.faults.block({ from: a, to: b });
  strictEqual(await reaches(cluster), false);
  await killSidecar(cluster, "node2");
  await eventually(async () => strictEqual(await reaches(cluster), true));
  await eventually(() => ok(events.some(({ type }) => type === "fault-healed")));
  const healed = events.find((event) => event.type === "fault-healed")!;
  match(healed.error!, /^The fault ended on node "node2" by itself: /);
  // Adding a node does not bring back what has ended.
  await cluster.addNode();
  strictEqual(await reaches(cluster, PATIENCE), true);
  const again = await cluster.faults.block({ from: a, to: b });
  strictEqual(await reaches(cluster), false);
  await again.heal();
  await rejects(cut.heal(), (error: Error) => {
    match(
      error.message,
      /^Cannot heal what was done to block node1 to node2: it was lost before\.\n/,
    );
    match(
      error.message,
      /ended on node "node2" by itself \d+\.\d s after it was begun, at [\d:]+ UTC: /,
    );
    ok(error.stack!.includes("faults_test.ts"), error.stack);
    return true;
  });
  strictEqual(cut.isHealed, true);
  await cut.heal();
}

Deno.test({
  name:
    "a fault is gone with the sidecar that makes it, and that is told; the next one has another",
  ignore,
  fn: () => loseSidecar(),
});

Deno.test({
  name: "the same holds on an engine elsewhere",
  ignore,
  async fn() {
    await using relay = await TcpRelay.open();
    await loseSidecar(relay.host);
  },
});

Deno.test({
  name:
    "on an engine elsewhere faults are made through the node, whose own agent they do not concern",
  ignore,
  async fn() {
    await using relay = await TcpRelay.open();
    const backend = docker({ host: relay.host, image: testImages.busybox });
    await using cluster = await Cluster.create(backend, { needs: ["partition"] });
    const [a, b] = await cluster.addNodes(2);
    const cut = await cluster.faults.partition([a, b]);
    strictEqual(await reaches(cluster), false);
    const from = { from: "outside", to: cluster.nodes } as const;
    const outside = await cluster.faults.block(from, { proof: false });
    // Its agent ends all sessions then: those after it are begun under the fault.
    await a.kill();
    await a.start();
    strictEqual(await reaches(cluster), false);
    await outside.heal();
    await cut.heal();
    strictEqual(await reaches(cluster, PATIENCE), true);
    const published = relay.asked.filter((each) => each.includes("26761/tcp")).length;
    ok(published <= cluster.nodes.length, "a sidecar publishes a port");
  },
});

Deno.test({
  name:
    "on an engine elsewhere faults of a paused node are neither made nor healed until it is resumed",
  ignore,
  async fn() {
    await using relay = await TcpRelay.open();
    const backend = docker({ host: relay.host, image: testImages.busybox });
    await using cluster = await Cluster.create(backend);
    const [a, b] = await cluster.addNodes(2);
    const { faults } = cluster;
    const cut = await faults.isolate(a);
    await a.pause();
    const refused = /^Cannot change the network of node "node1": it is paused, .* resume it first$/;
    await rejects(faults.partition([a, b]), { message: refused });
    await rejects(cut.heal(), { message: refused });
    strictEqual(cut.isHealed, false);
    await cut[Symbol.asyncDispose]();
    await a.resume();
    strictEqual(await reaches(cluster), false);
    await cut.heal();
    strictEqual(await reaches(cluster, PATIENCE), true);
    await faults.isolate(a);
    await a.pause();
  },
});

Deno.test({
  name:
    "a test that needs partitions fails before a node is launched where a kernel lets none be made",
  ignore,
  async fn() {
    // Of the same length, so that the head of the request stays true.
    const relay = await TcpRelay.open({
      change: (asked) => asked.replace('"CapAdd":["NET_ADMIN"]', '"CapAdd":["NET_RAW"]  '),
    });
    await using _relay = relay;
    const backend = docker({ host: relay.host, image: testImages.busybox });
    const creations = () =>
      relay.asked.filter((each) => /create\?name=clustertest-\w+-node\d+[& ]/.test(each)).length;
    const expected = { name: "MissingAbilityError", ability: "partition" };
    {
      await using cluster = await Cluster.create(backend, { needs: ["partition"] });
      const error = await cluster.addNodes(2).catch((error) => error);
      match(error.message, /NET_ADMIN; they can kill, .*\. Let containers have/);
      deepStrictEqual({ name: error.name, ability: error.ability }, expected);
      strictEqual(creations(), 0);
      const probes = relay.asked.filter((each) => each.includes(".kernel-")).length;
      await rejects(cluster.addNode(), expected);
      strictEqual(relay.asked.filter((each) => each.includes(".kernel-")).length, probes);
    }
    // A test that does not say so finds out with its first fault, before anything is changed.
    await using cluster = await Cluster.create(backend, { needs: ["kill"] });
    const [a, b] = await cluster.addNodes(2);
    await rejects(cluster.faults.partition([a, b]), expected);
    strictEqual(await reaches(cluster, PATIENCE), true);
  },
});

Deno.test({
  name: "a node in the network of the engine's machine cannot be partitioned",
  ignore,
  async fn() {
    await using cluster = await Cluster.create(docker({ image: testImages.busybox }));
    const [a, b] = await cluster.addNodes([{ network: "host" }, {}]);
    const error = await cluster.faults.partition([a, b]).catch((error) => error);
    deepStrictEqual([error.name, error.ability], ["MissingAbilityError", "partition"]);
  },
});

const isOfIpv6 = ({ address }: { readonly address: string }) => address.includes(":");

/** The address of IPv6 by which other nodes reach a node. */
async function addressOf(node: Node): Promise<string> {
  const { stdout } = await node.run("ip", ["-6", "addr", "show", "scope", "global"]);
  return stdout.match(/inet6 ([\da-f:]+)/)![1]!;
}

Deno.test({
  name: "a fault of ICMP that stops one family alone fails",
  ignore,
  async fn() {
    await using network = await networkWithIpv6();
    const backend = withPackets((packets) => ({
      drop: (rules, options) =>
        packets.drop(rules.filter(({ peer }) => !peer?.includes(":")), options),
    }), { network: network.name });
    await using cluster = await Cluster.create(backend);
    const [a, b] = await cluster.addNodes(2);
    const error = await cluster.faults.block({ from: a, to: b }, { protocol: "icmp" })
      .catch((error) => error);
    ok(error instanceof FaultProofError, String(error));
    match(
      error.message,
      /1 of \d checks .*\n.*:.*over icmp, to be dropped: \d+ sent, 0 arrived, 0 d/,
    );
  },
});

Deno.test({
  name: "faults drop and spare packets of IPv6, also between nodes that have not met yet",
  ignore,
  async fn() {
    await using network = await networkWithIpv6();
    const backend = docker({ image: testImages.busybox, network: network.name });
    await using cluster = await Cluster.create(backend);
    const { faults } = cluster;
    const [a, b] = await cluster.addNodes(2);
    const icmp = async (within?: number) => {
      const pings = [b.address, await addressOf(b)].map((each) => pingable(a, each, within));
      return await Promise.all(pings);
    };
    deepStrictEqual(await icmp(PATIENCE), [true, true]);
    {
      // The kernel answers few of the probes' datagrams in a second: the next fault is shown all the same.
      for (let i = 0; i < 3; i++) {
        await (await faults.partition([a, b], { protocol: "icmp" })).heal();
      }
      await using cut = await faults.partition([a, b], { protocol: "icmp" });
      const ofIcmp = cut.proof!.checks.filter(({ protocol }) => protocol === "icmp");
      deepStrictEqual(ofIcmp.map(isOfIpv6), [false, true, false, true]);
      deepStrictEqual(await icmp(), [false, false]);
    }
    deepStrictEqual(await icmp(PATIENCE), [true, true]);
    // What is sent outside includes what finds a neighbour, and so does ICMP.
    const outside = await faults.block({ from: cluster.nodes, to: "outside" });
    const block = await faults.block({ from: a, to: b }, { protocol: "icmp" });
    ok(block.proof!.checks.some((each) => isOfIpv6(each) && each.expected === "arrived"));
    const cut = await faults.partition([a, b]);
    strictEqual(cut.proof!.checks.filter(isOfIpv6).length, 4);
    for (const fault of [cut, block, outside]) await fault.heal();
  },
});
