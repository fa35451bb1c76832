/**
 * What becomes of packets that are copied, changed, and put out of order, as cases that run in a network of
 * their own: the name of one is the argument.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { delay } from "../../../delay.ts";
import type { PacketRule, PacketShaping } from "../../host.ts";
import { OpenResources } from "../../open_resources.ts";
import { LocalPackets } from "../local_packets.ts";

const resources = new OpenResources();
const packets = new LocalPackets(resources);

/** Looks in a row at which nothing waits: copies are on their way for a moment. */
const QUIET = 10;

/** Datagrams of a series. */
const COUNT = 500;

function shape(shaping: Omit<PacketShaping, "seed">, rule: Omit<PacketRule, "protocol">) {
  return packets.shape([{ ...rule, protocol: "udp" }], { seed: 7, ...shaping });
}

/** The numbers of the probes of a series that pass, once no more come. */
async function passing(
  { hostname, port, count = COUNT }: { hostname: string; port: number; count?: number },
): Promise<number[]> {
  await using watching = await packets.watch([{
    direction: "in",
    peer: hostname,
    protocol: "udp",
    port,
  }]);
  await packets.sendProbes({ hostname, port, mark: "mark", count, areNumbered: true, size: 64 });
  await allPassed();
  return await watching.seen();
}

/** Resolves once nothing waits in queues, also not what came from one queue to another. */
async function allPassed(): Promise<void> {
  for (let quiet = 0; quiet < QUIET;) {
    quiet = await waiting() === 0 ? quiet + 1 : 0;
    await delay(10);
  }
}

async function waiting(): Promise<number> {
  const queues = await Deno.readTextFile("/proc/net/netfilter/nfnetlink_queue");
  const columns = queues.split("\n").map((line) => line.trim().split(/\s+/));
  return columns.reduce((sum, [_number, _port, waiting = "0"]) => sum + Number(waiting), 0);
}

/** How many packets of a protocol the kernel has refused: for their checksums, or for a length that cannot be. */
async function refused(protocol: "Udp" | "Tcp"): Promise<number> {
  const [names, values] = (await Deno.readTextFile("/proc/net/snmp")).split("\n")
    .filter((line) => line.startsWith(`${protocol}:`)).map((line) => line.split(" "));
  const column = names!.findIndex((name) => name === "InErrors" || name === "InErrs");
  return Number(values![column]);
}

/** What arrives at the other end of a connection to this machine. */
async function throughConnection(sent: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const sending = Deno.connect({ hostname: "127.0.0.1", port })
    .then((conn) => ReadableStream.from([sent]).pipeTo(conn.writable));
  const conn = await listener.accept();
  const [arrived] = await Promise.all([new Response(conn.readable).bytes(), sending]);
  return arrived;
}

async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const { stdout, success } = await new Deno.Command(program, { args: [...args] }).output();
  strictEqual(success, true, program);
  return new TextDecoder().decode(stdout);
}

const cases: Readonly<Record<string, () => Promise<void>>> = {
  "sends packets twice, in and out, over both families": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    for (const direction of ["in", "out"] as const) {
      for (const peer of ["127.0.0.1", "::1"]) {
        await using _shaped = await shape({ duplicate: 0.3 }, { direction, peer });
        const seen = await passing({ hostname: peer, port });
        const copies = seen.filter((number, i) => seen.indexOf(number) !== i);
        strictEqual(new Set(seen).size, COUNT);
        strictEqual(new Set(copies).size, copies.length);
        ok(copies.length > 100 && copies.length < 200, `${copies.length} copies`);
        const again = await shape({ duplicate: 1 }, { direction, peer });
        const both = await passing({ hostname: peer, port, count: 50 });
        // Of two that copy, a packet is copied once.
        deepStrictEqual(both.toSorted((a, b) => a - b).slice(0, 4), [0, 0, 1, 1]);
        strictEqual(both.length, 100);
        await again[Symbol.asyncDispose]();
      }
    }
    while (await receiver.received("mark#0") < 12) await delay(5);
    strictEqual(await runProgram("nft", ["list", "tables"]), "");
  },
  "turns over a bit that the receiver's checksum shows, and nobody gets the packet": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    const rule = { direction: "in", peer: "127.0.0.1" } as const;
    // No more than the receiver's socket has room for: what comes beyond has no checksum looked at.
    const count = 100;
    await using _shaped = await shape({ corrupt: 0.5 }, rule);
    const seen = await passing({ hostname: "127.0.0.1", port, count });
    const changed = seen.filter((number) => number === -1).length;
    strictEqual(seen.length, count);
    ok(changed > 25 && changed < 75, `${changed} changed`);
    while (await refused("Udp") < changed) await delay(5);
    strictEqual(await refused("Udp"), changed);
    await using _ofIpv6 = await shape({ corrupt: 0.5 }, { direction: "in", peer: "::1" });
    const seenOfIpv6 = await passing({ hostname: "::1", port, count });
    strictEqual(seenOfIpv6.filter((number) => number === -1).length, changed);
    // A connection sends again what was dropped.
    await using _other = await packets.shape([rule], { seed: 3, corrupt: 0.1 });
    await runProgram("ip", ["link", "set", "lo", "mtu", "1500"]);
    const sent = new Uint8Array(500_000).map((_, i) => i % 251);
    deepStrictEqual(await throughConnection(sent), sent);
    ok(await refused("Tcp") > 0);
  },
  "lets packets overtake those that wait": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    const peer = "127.0.0.1";
    await using _shaped = await shape({ latency: 300, reorder: 0.2 }, { direction: "in", peer });
    const seen = await passing({ hostname: peer, port });
    strictEqual(new Set(seen).size, COUNT);
    const hasOvertaken = (number: number, i: number) => seen.slice(i).some((each) => each < number);
    const early = seen.filter(hasOvertaken).length;
    // Those that wait keep their order.
    const late = seen.filter((number, i) => !hasOvertaken(number, i));
    deepStrictEqual(late, late.toSorted((a, b) => a - b));
    ok(early > 60 && early < 140, `${early} overtook`);
  },
  "does to copies nothing more, and to what is copied all that other shapes do": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    const rule = { direction: "in", peer: "127.0.0.1" } as const;
    const lossy = { loss: 0.5 };
    for (const order of [[{ duplicate: 1 }, lossy], [lossy, { duplicate: 1 }]]) {
      await using _one = await shape(order[0]!, rule);
      await using _other = await shape(order[1]!, rule);
      const seen = await passing({ hostname: "127.0.0.1", port });
      const passed = new Set(seen).size;
      strictEqual(seen.length, 2 * passed);
      ok(passed > 180 && passed < 320, `${passed} passed`);
    }
  },
  "watches the probes that pass, in their order": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    for (const hostname of ["127.0.0.1", "::1"]) {
      deepStrictEqual(
        await passing({ hostname, port }),
        Array.from({ length: COUNT }, (_, i) => i),
      );
    }
    await using watching = await packets.watch([{ direction: "in", protocol: "udp", port }]);
    await packets.sendProbes({ hostname: "127.0.0.1", port, mark: "no number", count: 1 });
    while ((await watching.seen()).length < 1) await delay(5);
    deepStrictEqual(await watching.seen(), [-1]);
  },
  "lets what is to be copied or changed go on when it ends": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    const hostname = "127.0.0.1";
    await using watching = await packets.watch([{ direction: "in", protocol: "udp", port }]);
    const shaped = await shape({ latency: 60_000, duplicate: 1, corrupt: 0.5 }, {
      direction: "in",
      peer: hostname,
    });
    await packets.sendProbes({ hostname, port, mark: "late", count: 40, areNumbered: true });
    while ((await shaped.counts())[0]! < 40) await delay(5);
    deepStrictEqual(await watching.seen(), []);
    await shaped[Symbol.asyncDispose]();
    await allPassed();
    const seen = await watching.seen();
    strictEqual(seen.length, 80);
    ok(seen.includes(-1) && seen.some((number) => number >= 0));
    strictEqual((await runProgram("nft", ["list", "tables"])).trim().split("\n").length, 4);
  },
};

const [name = ""] = Deno.args;
await cases[name]!();
await resources[Symbol.asyncDispose]();
Deno.exit(0);
