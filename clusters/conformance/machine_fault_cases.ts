import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { MissingAbilityError } from "../errors.ts";
import type { FaultProof } from "../events/mod.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { AbilityName } from "../kit/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { mustRefuse } from "./refused_call.ts";

/** Where its author's line is to be found in the stack of an error. */
const caller = import.meta.url;

const MEBIBYTE = 1024 * 1024;

/** A file system in memory that Linux has on each machine, and a container engine in each container. */
const OWN_DISK = "/dev/shm";

/** How many of what was measured had to be so many: `"cpu-limit"` and the like. */
function measured(proof: FaultProof | undefined, quantity: string): (number | null)[] {
  return (proof?.machines ?? []).filter((check) => check.quantity === quantity)
    .map((check) => check.measured);
}

/** What is wrong with writing a file, which is removed: what is deleted on a full disk leaves room. */
async function written(node: Node, path: string): Promise<string> {
  try {
    await node.writeTextFile(path, "hello");
    return "";
  } catch (error) {
    return String(error);
  } finally {
    await node.remove(path).catch(() => {});
  }
}

/** The events about faults, from now on. */
function faultsIn({ events }: Cluster): Disposable & { readonly seen: string[] } {
  const seen: string[] = [];
  const subscription = events.subscribe((event) => {
    if (event.type !== "fault-injected" && event.type !== "fault-healed") return;
    const { type, action, proof, error } = event;
    seen.push(`${type}: ${action}${error ? ` (${error})` : proof?.machines ? ", shown" : ""}`);
  });
  return { seen, [Symbol.dispose]: () => subscription[Symbol.dispose]() };
}

/** Each fault of machines, as a node without the ability is asked for it. */
const DEEDS: readonly [AbilityName, RegExp, (cluster: Cluster) => Promise<unknown>][] = [
  ["cpu", /^Cannot limit the CPU of a node/, ({ faults, nodes: [node] }) => faults.cpu(node!, 0.5)],
  [
    "memory",
    /^Cannot limit the memory of a node/,
    ({ faults, nodes: [node] }) => faults.memory(node!, MEBIBYTE),
  ],
  [
    "fullDisk",
    /^Cannot fill a disk of a node/,
    ({ faults, nodes: [node] }) => faults.fullDisk(node!, "."),
  ],
];

/** Nodes that get less of their machines; for backends whose nodes can. */
export const machineFaultCases: readonly ConformanceCase[] = [
  {
    name: "cpu() gives a node less of its processors until it is healed, and proves both",
    abilities: ["cpu"],
    async run({ cluster, node, peer }) {
      using faults = faultsIn(cluster);
      await using lesser = await cluster.faults.cpu([node, peer], 0.2);
      deepStrictEqual(measured(lesser.proof, "cpu-limit"), [0.2, 0.2]);
      ok(measured(lesser.proof, "throttled").every((count) => count! > 0));
      ok(measured(lesser.proof, "cpu").every((cores) => cores! < 0.5));
      await using greater = await cluster.faults.cpu(node, 0.5, { proof: false });
      strictEqual(greater.proof, undefined);
      await lesser.heal();
      await lesser.heal();
      deepStrictEqual([lesser.isHealed, greater.isHealed], [true, false]);
      await rejects(cluster.faults.cpu(node, 10_000), RangeError);
      await greater.heal();
      const name = node.name;
      deepStrictEqual(faults.seen.map((each) => each.replace(/\(.*\)/, "(error)")), [
        `fault-injected: limit the CPU of ${name}, ${peer.name} to 0.2 cores, shown`,
        `fault-injected: limit the CPU of ${name} to 0.5 cores`,
        `fault-healed: limit the CPU of ${name}, ${peer.name} to 0.2 cores, shown`,
        `fault-injected: limit the CPU of ${name} to 10000 cores (error)`,
        `fault-healed: limit the CPU of ${name} to 0.5 cores`,
      ]);
    },
  },
  {
    name: "memory() gives a node less memory until it is healed, in any order, and proves both",
    abilities: ["memory"],
    async run({ cluster, node }) {
      using faults = faultsIn(cluster);
      for (const order of [[0, 1], [1, 0]]) {
        const amounts = [200 * MEBIBYTE, 160 * MEBIBYTE];
        const made = [
          await cluster.faults.memory(node, amounts[0]!),
          await cluster.faults.memory(node, amounts[1]!),
        ];
        deepStrictEqual(made.map(({ proof }) => measured(proof, "memory-limit")[0]), amounts);
        for (const each of order) await made[each]!.heal();
      }
      ok(faults.seen.length === 8 && faults.seen.every((each) => each.endsWith(", shown")));
      // What runs there is more than that: nothing is changed.
      const greedy = cluster.faults.memory(node, MEBIBYTE);
      await rejects(greedy, (error) => {
        ok(error instanceof RangeError);
        match(
          error.message,
          /^Cannot limit the memory of node ".*" to 1048576 bytes: it uses \d+ now/,
        );
        return true;
      });
      await rejects(cluster.faults.memory(node, 2 ** 50), RangeError);
    },
  },
  {
    name: "fullDisk() leaves no room on a node's own file system until it is healed",
    abilities: ["fullDisk"],
    systems: ["linux"],
    async run({ cluster, node, peer, dir }) {
      const write = (on = node) => written(on, `${OWN_DISK}/${dir}`);
      using faults = faultsIn(cluster);
      await using whole = await cluster.faults.fullDisk(node, OWN_DISK);
      deepStrictEqual(measured(whole.proof, "written"), [0]);
      match(await write(), /No space left on device/);
      strictEqual(await write(peer), "");
      await rejects(cluster.faults.fullDisk(node, OWN_DISK), { name: "RangeError" });
      await whole.heal();
      strictEqual(await write(), "");
      const leave = 2 * MEBIBYTE;
      const most = await cluster.faults.fullDisk(node, OWN_DISK, { leave });
      strictEqual(await write(), "");
      const all = await cluster.faults.fullDisk(node, OWN_DISK);
      await most.heal();
      match(await write(), /No space left on device/);
      await all.heal();
      strictEqual(await write(), "");
      const action = `fill the disk of ${node.name} at ${OWN_DISK}`;
      deepStrictEqual(faults.seen.slice(0, 3).map((each) => each.replace(/\(.*\)/, "(error)")), [
        `fault-injected: ${action}, shown`,
        `fault-injected: ${action} (error)`,
        `fault-healed: ${action}, shown`,
      ]);
    },
  },
  {
    name: "a disk stays full while its node is killed and comes back, until it is healed",
    abilities: ["fullDisk", "kill", "start"],
    systems: ["linux"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      const write = () => written(node, `${OWN_DISK}/file`);
      await using disk = await cluster.faults.fullDisk(node, OWN_DISK);
      await node.restart();
      match(await write(), /No space left on device/);
      await disk.heal();
      strictEqual(await write(), "");
      await using other = await cluster.faults.fullDisk(node, OWN_DISK);
      await node.kill();
      await other.heal();
      await node.start();
      strictEqual(await write(), "");
    },
  },
  {
    name: "fullDisk() is refused in one line where others have the same file system",
    abilities: ["fullDisk"],
    async run({ cluster, node }) {
      await rejects(cluster.faults.fullDisk(node, "/proc"), (error) => {
        ok(error instanceof Error);
        match(error.message, /^Cannot fill the disk of node ".*" at "\/proc": [^\n]*$/);
        return true;
      });
      await mustRefuse(() => cluster.faults.fullDisk(node, "/no/such"), {
        message: /^Cannot fill the disk of node ".*" at "\/no\/such": there is no such folder$/,
        error: Deno.errors.NotFound,
        caller,
      });
    },
  },
  {
    name: "faults of machines are refused for what cannot be, before anything is done",
    async run({ cluster, node }) {
      using faults = faultsIn(cluster);
      const bad = node as unknown as number;
      for (const cores of [0, -1, NaN, Infinity, 0.001, "1" as unknown as number, bad]) {
        const call = () => cluster.faults.cpu(node, cores);
        await mustRefuse(call, { error: RangeError, caller });
      }
      for (const bytes of [0, -1, NaN, Infinity, 1.5, 2 ** 60, "1g" as unknown as number, bad]) {
        const call = () => cluster.faults.memory(node, bytes);
        await mustRefuse(call, { error: RangeError, caller });
      }
      for (const leave of [-1, NaN, Infinity, 1.5]) {
        const call = () => cluster.faults.fullDisk(node, ".", { leave });
        await mustRefuse(call, { error: RangeError, caller });
      }
      for (const path of ["", bad as unknown as string]) {
        const call = () => cluster.faults.fullDisk(node, path);
        await mustRefuse(call, { error: TypeError, caller });
      }
      await rejects(cluster.faults.fullDisk(node, ".", { leave: "1m" as unknown as number }), {
        name: "TypeError",
        message: /leave must be a number of bytes/,
      });
      for (const nodes of [[], "node1" as unknown as []]) {
        await mustRefuse(() => cluster.faults.cpu(nodes, 0.5), { error: TypeError, caller });
      }
      await rejects(cluster.faults.cpu(node, 0.5, { prove: false } as object), TypeError);
      await using other = await cluster.addNode();
      await other.destroy();
      const message = /its cluster does not have it now: .*destroyed by the test/;
      await mustRefuse(() => cluster.faults.cpu(other, 0.5), { message, caller });
      deepStrictEqual(faults.seen, []);
    },
  },
  {
    name: "a fault of a machine stays while its node is killed and comes back, and is healed then",
    abilities: ["cpu", "memory", "fullDisk", "kill", "start", "pause"],
    systems: ["linux"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      await using cpu = await cluster.faults.cpu(node, 0.2);
      await using memory = await cluster.faults.memory(node, 200 * MEBIBYTE);
      await using disk = await cluster.faults.fullDisk(node, OWN_DISK);
      const write = () => written(node, `${OWN_DISK}/file`);
      await node.kill();
      await rejects(cluster.faults.cpu(node, 0.25), /is down\. Call node\.start\(\) before/);
      await node.start();
      match(await write(), /No space left on device/);
      await using again = await cluster.faults.cpu(node, 0.3);
      // Of several, the least counts.
      deepStrictEqual(measured(again.proof, "cpu-limit"), [0.2]);
      await node.pause();
      await rejects(cluster.faults.cpu(node, 0.25), /is paused\. Call node\.resume\(\) before/);
      await cpu.heal();
      await node.resume();
      await node.restart();
      await memory.heal();
      match(await write(), /No space left on device/);
      await node.kill();
      await disk.heal();
      await node.start();
      strictEqual(await write(), "");
    },
  },
  {
    name: "a fault of a machine that is aborted, or whose node goes, leaves nothing behind",
    abilities: ["cpu", "fullDisk"],
    systems: ["linux"],
    async run({ cluster, node }) {
      const reason = new Error("enough");
      await rejects(
        cluster.faults.cpu(node, 0.5, { signal: AbortSignal.abort(reason) }),
        (error) => error === reason,
      );
      const controller = new AbortController();
      const making = cluster.faults.cpu(node, 0.5, { signal: controller.signal });
      setTimeout(() => controller.abort(reason), 100);
      await rejects(making, (error) => error === reason);
      const other = await cluster.addNode();
      const disk = await cluster.faults.fullDisk(other, OWN_DISK, { leave: MEBIBYTE });
      const cpu = await cluster.faults.cpu([node, other], 0.2);
      deepStrictEqual(measured(cpu.proof, "cpu-limit"), [0.2, 0.2]);
      await other.destroy();
      await disk.heal();
      await cpu.heal();
    },
  },
  ...DEEDS.map(([ability, message, ask]): ConformanceCase => ({
    name: `a node without the ability "${ability}" says so, and what to do`,
    unless: [ability],
    async run({ cluster }) {
      using faults = faultsIn(cluster);
      await rejects(ask(cluster), (error) => {
        ok(error instanceof MissingAbilityError);
        match(error.message, message);
        match(error.message, new RegExp(`needs: \\["${ability}"\\]; docker\\(`));
        strictEqual(error.ability, ability);
        return true;
      });
      deepStrictEqual(faults.seen, []);
    },
  })),
];
