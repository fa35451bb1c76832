/**
 * What a filter of packets does, as cases that run in a network of their own: the name of one is the
 * argument.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { delay } from "../../../delay.ts";
import type { PacketRule } from "../../host.ts";
import { OpenResources } from "../../open_resources.ts";
import { LocalPackets } from "../local_packets.ts";
import { PacketFilter } from "../packet_filter.ts";

const packets = new LocalPackets(new OpenResources());

/** Datagrams of a burst. */
const BURST = 5;

/** Milliseconds in which nobody answers who may not. */
const MOMENT = 300;

/** Milliseconds in which what may arrive or be answered is, on a machine that has much else to do. */
const LONG = 20_000;

/** How many datagrams of a burst arrive: all of them are waited for if they may, and otherwise none. */
async function arrivals(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  arrived: Arrived,
  expected: 0 | typeof BURST = BURST,
): Promise<number> {
  const mark = crypto.randomUUID();
  await packets.sendProbes({ hostname, port, mark, count: BURST });
  const until = performance.now() + LONG;
  do await delay(20); while (await arrived(mark) < expected && performance.now() < until);
  return await arrived(mark);
}

type Arrived = (mark: string) => Promise<number>;

/** How many packets each rule has counted, once it is a burst or time is over: the kernel may be late. */
async function countsOf(drop: { counts(): Promise<number[]> }): Promise<number[]> {
  const until = performance.now() + LONG;
  for (;;) {
    const counts = await drop.counts();
    if (counts.includes(BURST) || performance.now() > until) return counts;
    await delay(5);
  }
}

/** Whether somebody answers: that a connection is refused is an answer. */
async function answers(hostname: string, port: number, within: number): Promise<boolean> {
  const connecting = Deno.connect({ hostname, port }).then(
    (conn) => {
      conn.close();
      return true;
    },
    (error) => error instanceof Deno.errors.ConnectionRefused,
  );
  return await Promise.race([connecting, delay(within).then(() => false)]);
}

/** Another address of the loopback. */
const CLIENT = "127.0.0.2";

/** Whether a port of 127.0.0.1 answers to who connects from another address. */
async function answersFrom(localAddress: string, port: number, within: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port, localAddress });
  const signal = AbortSignal.timeout(within);
  try {
    return await once(socket, "connect", { signal }).then(() => true, () => false);
  } finally {
    socket.destroy();
  }
}

const cases: Readonly<Record<string, () => Promise<void>>> = {
  "drops what a peer sends, over both families, until it is disposed of": async () => {
    await using receiver = await packets.receiveProbes();
    const arrived = (mark: string) => receiver.received(mark);
    for (const peer of ["127.0.0.1", "::1"]) {
      const { port } = receiver;
      strictEqual(await arrivals({ hostname: peer, port }, arrived), BURST);
      {
        await using drop = await packets.drop([{ direction: "in", peer }]);
        strictEqual(await arrivals({ hostname: peer, port }, arrived, 0), 0);
        deepStrictEqual(await countsOf(drop), [BURST]);
        // Another address of the same machine is another peer.
        const other = peer === "::1" ? "127.0.0.1" : "::1";
        strictEqual(await arrivals({ hostname: other, port }, arrived), BURST);
      }
      strictEqual(await arrivals({ hostname: peer, port }, arrived), BURST);
    }
  },
  "drops what is sent, and who has sent it sees no error": async () => {
    await using receiver = await packets.receiveProbes();
    const arrived = (mark: string) => receiver.received(mark);
    await using drop = await packets.drop([{ direction: "out", peer: "127.0.0.1" }]);
    strictEqual(await arrivals({ hostname: "127.0.0.1", port: receiver.port }, arrived, 0), 0);
    deepStrictEqual(await countsOf(drop), [BURST]);
  },
  "concerns the packets of a protocol, or of a port of either side, alone": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    const arrived = (mark: string) => receiver.received(mark);
    const peer = "127.0.0.1";
    const check = async (rule: Omit<PacketRule, "direction">, [udp, tcp]: [boolean, boolean]) => {
      await using _drop = await packets.drop([{ direction: "in", ...rule }]);
      const count = await arrivals({ hostname: peer, port }, arrived, udp ? BURST : 0);
      const isAnswered = await answers(peer, port, tcp ? LONG : MOMENT);
      deepStrictEqual([count, isAnswered], [udp ? BURST : 0, tcp]);
    };
    await check({ peer, protocol: "udp" }, [false, true]);
    await check({ peer, protocol: "tcp" }, [true, false]);
    await check({ peer, protocol: "icmp" }, [true, true]);
    await check({ peer, port }, [false, false]);
    await check({ peer, port: port === 80 ? 81 : 80 }, [true, true]);
    await check({ peer, port, protocol: "udp" }, [false, true]);
    // Nothing that comes from within is from outside.
    await check({ notPeers: [] }, [true, true]);
  },
  "spares a port of its own, for what comes there and what is answered from there": async () => {
    using spared = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [sparedPort, port] = [spared.addr.port, other.addr.port];
    for (const direction of ["in", "out"] as const) {
      await using _drop = await packets.drop([{ direction, peer: CLIENT }], { sparedPort });
      strictEqual(await answersFrom(CLIENT, sparedPort, LONG), true);
      strictEqual(await answersFrom(CLIENT, port, MOMENT), false);
    }
  },
  "counts for each of many rules": async () => {
    await using receiver = await packets.receiveProbes();
    const arrived = (mark: string) => receiver.received(mark);
    const others = Array.from({ length: 300 }, (_, i): PacketRule => ({
      direction: i % 3 === 0 ? "out" : "in",
      peer: `10.0.${i >> 8}.${i & 0xff}`,
      port: 7,
    }));
    const rules: PacketRule[] = [...others, { direction: "in", peer: "127.0.0.1" }, ...others];
    await using drop = await packets.drop(rules);
    strictEqual(await arrivals({ hostname: "127.0.0.1", port: receiver.port }, arrived, 0), 0);
    const counts = await countsOf(drop);
    strictEqual(counts.length, rules.length);
    deepStrictEqual(counts.flatMap((count, i) => count > 0 ? [[i, count]] : []), [[300, BURST]]);
  },
  "leaves nothing when a rule cannot be": async () => {
    const wrong = { direction: "in", peer: "127.0.0.1", port: 7, notPeers: [] } as const;
    using _other = PacketFilter.open([wrong], { fate: "drop" });
    const before = await tables();
    strictEqual(before.length, 1);
    throws(() => PacketFilter.open([{ direction: "in", peer: "no address" }], { fate: "drop" }));
    deepStrictEqual(await tables(), before);
    await rejects(packets.drop([], { signal: AbortSignal.abort(new Error("no")) }), /no/);
  },
  "is gone with its process, and leaves what others have made as it is": async () => {
    await nft(
      "add table inet theirs; add chain inet theirs in { type filter hook input priority 0; }",
    );
    await nft("add rule inet theirs in ip saddr 10.1.2.3 drop");
    const before = await nft("list ruleset");
    const holding = [import.meta.filename!, "hold"];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", ...holding],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    strictEqual((await tables()).length, 2);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    while ((await tables()).length > 1) await delay(5);
    strictEqual(await nft("list ruleset"), before);
  },
  // Not a case of its own: it is the process that is killed.
  hold: async () => {
    using _filter = PacketFilter.open([{ direction: "in", peer: "127.0.0.1" }], { fate: "drop" });
    Deno.stdout.writeSync(new TextEncoder().encode("here\n"));
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
};

async function nft(commands: string): Promise<string> {
  const args = commands.split(" ");
  const { stdout, success, stderr } = await new Deno.Command("nft", { args }).output();
  ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function tables(): Promise<string[]> {
  return (await nft("list tables")).split("\n").filter((line) => line !== "");
}

const [name = ""] = Deno.args;
await cases[name]!();
Deno.exit(0);
