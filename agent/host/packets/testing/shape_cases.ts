/**
 * What becomes of packets that are shaped, as cases that run in a network of their own: the name of one is
 * the argument.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { delay } from "../../../delay.ts";
import type { PacketRule, PacketShape, PacketShaping } from "../../host.ts";
import { OpenResources } from "../../open_resources.ts";
import { LocalPackets } from "../local_packets.ts";

const resources = new OpenResources();
const packets = new LocalPackets(resources);
const peer = "127.0.0.1";
const inward: readonly PacketRule[] = [{ direction: "in", peer }];

/** The times of round trips: what is shaped is passed twice. */
async function times(port: number, hostname = peer): Promise<number[]> {
  const found = await packets.timeProbes({
    hostname,
    port,
    count: 20,
    interval: 1,
    patience: 3_000,
  });
  return found.toSorted((a, b) => a - b);
}

function shape(shaping: Omit<PacketShaping, "seed">, rules = inward) {
  return packets.shape(rules, { seed: 7, ...shaping });
}

/** How many of so many datagrams pass `shaped`: the kernel counts them, however slow their receiver is. */
async function passing(count: number, port: number, shaped: PacketShape): Promise<number> {
  const before = (await shaped.counts())[0]!;
  await using counted = await packets.count([{ direction: "in", peer, protocol: "udp", port }]);
  await packets.sendProbes({ hostname: peer, port, mark: "mark", count });
  const haveCome = async () => (await shaped.counts())[0]! >= before + count;
  while (!await haveCome() || await waiting() > 0) await delay(5);
  return (await counted.counts())[0]!;
}

/** How many packets wait in queues. */
async function waiting(): Promise<number> {
  const queues = await Deno.readTextFile("/proc/net/netfilter/nfnetlink_queue");
  const columns = queues.split("\n").map((line) => line.trim().split(/\s+/));
  return columns.reduce((sum, [_number, _port, waiting = "0"]) => sum + Number(waiting), 0);
}

const cases: Readonly<Record<string, () => Promise<void>>> = {
  "delays what a peer sends, over both families, until it is disposed of": async () => {
    await using receiver = await packets.receiveProbes();
    for (const hostname of [peer, "::1"]) {
      const undelayed = (await times(receiver.port, hostname))[0]!;
      ok(undelayed < 50, `${undelayed} ms without a delay`);
      {
        await using shaped = await shape({ latency: 50 }, [{ direction: "in", peer: hostname }]);
        const delayed = await times(receiver.port, hostname);
        strictEqual(delayed.length, 20);
        ok(delayed[0]! >= 99, `${delayed[0]} ms at least`);
        ok(delayed[10]! < 1_000, `${delayed[10]} ms mostly`);
        deepStrictEqual(await shaped.counts(), [40]);
        const other = hostname === peer ? "::1" : peer;
        ok((await times(receiver.port, other))[0]! < 50, "another peer is not concerned");
      }
      ok((await times(receiver.port, hostname))[0]! < 50);
    }
  },
  "delays what is sent": async () => {
    await using receiver = await packets.receiveProbes();
    await using _shaped = await shape({ latency: 50 }, [{ direction: "out", peer }]);
    ok((await times(receiver.port))[0]! >= 99);
  },
  "adds up: delays add, and losses multiply": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    await using one = await shape({ latency: 20, loss: 0.5 });
    const other = await packets.shape(inward, { latency: 30, loss: 0.5, seed: 8 });
    const arrived = await passing(1_000, port, other);
    ok(arrived > 180 && arrived < 320, `${arrived} of 1,000 arrived`);
    const both = await times(port);
    ok(both.length === 0 || both[0]! >= 99, `${both[0]} ms`);
    await other[Symbol.asyncDispose]();
    const left = await passing(1_000, port, one);
    ok(left > 420 && left < 580, `${left} of 1,000 arrived`);
  },
  "spreads delays by the jitter": async () => {
    await using receiver = await packets.receiveProbes();
    await using _shaped = await shape({ latency: 60, jitter: 50 });
    const found = await times(receiver.port);
    ok(found[0]! >= 19, `${found[0]} ms at least`);
    ok(found[18]! - found[1]! > 40, `from ${found[1]} to ${found[18]} ms`);
  },
  "loses what it loses by its seed alone": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    const seen: number[] = [];
    for (const seed of [1, 1, 2]) {
      await using shaped = await packets.shape(inward, { loss: 0.3, seed });
      seen.push(await passing(1_000, port, shaped));
    }
    strictEqual(seen[0], seen[1]);
    ok(seen[0] !== seen[2], `${seen}`);
    ok(seen.every((each) => each > 630 && each < 770), `${seen}`);
  },
  "lets pass so many bits": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    await using _shaped = await shape({ bandwidth: 1_000_000 });
    await using counted = await packets.count([{ direction: "in", peer, protocol: "udp", port }]);
    const target = { hostname: peer, port, mark: "bits", size: 1_222 };
    const started = performance.now();
    const sending = packets.sendProbes({ ...target, count: 300 });
    // Packets of 1,250 bytes: 100 in a second.
    for (let count = 0; count < 100; [count = 0] = await counted.counts()) {
      const elapsed = performance.now() - started;
      ok(count <= elapsed / 10 + 1, `${count} within ${elapsed} ms`);
      await delay(5);
    }
    // They take a second, and longer on a machine that has much else to do.
    ok(performance.now() - started < 10_000);
    await sending;
  },
  "drops what would wait too long for the bandwidth": async () => {
    await using receiver = await packets.receiveProbes();
    await using shaped = await shape({ bandwidth: 8_000 });
    // The first packet passes, those behind it wait, and all that would wait for more than a second do not.
    const passed = await passing(500, receiver.port, shaped);
    ok(passed >= 1 && passed < 100, `${passed} passed`);
  },
  "lets what waits go on when it ends": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    const shaped = await shape({ latency: 60_000 });
    await packets.sendProbes({ hostname: peer, port, mark: "late", count: 20 });
    while ((await shaped.counts())[0]! < 20) await delay(5);
    strictEqual(await receiver.received("late"), 0);
    await shaped[Symbol.asyncDispose]();
    while (await receiver.received("late") < 20) await delay(5);
    await shaped[Symbol.asyncDispose]();
  },
  "loses nothing when another fault ends": async () => {
    await using receiver = await packets.receiveProbes();
    await using shaped = await shape({ latency: 300 });
    const others = [
      await packets.drop([{ direction: "in", peer: "10.0.0.1" }]),
      await packets.count(inward),
      await shape({ latency: 5 }, [{ direction: "in", peer: "10.0.0.1" }]),
    ];
    await packets.sendProbes({ hostname: peer, port: receiver.port, mark: "kept", count: 20 });
    while ((await shaped.counts())[0]! < 20) await delay(1);
    for (const other of others) await other[Symbol.asyncDispose]();
    while (await receiver.received("kept") < 20) await delay(5);
    strictEqual((await nft("list tables")).trim().split("\n").length, 4);
    await shaped[Symbol.asyncDispose]();
    strictEqual(await nft("list tables"), "");
  },
  "concerns other packets as well when it is told to": async () => {
    await using receiver = await packets.receiveProbes();
    const { port } = receiver;
    await using shaped = await shape({ latency: 50 }, [{ direction: "in", peer, protocol: "tcp" }]);
    ok((await times(port))[0]! < 50);
    await shaped.include([{ direction: "in", peer, protocol: "udp", port }]);
    ok((await times(port))[0]! >= 99);
    await shaped.include([]);
    ok((await times(port))[0]! < 50);
  },
  "leaves nothing when it cannot be": async () => {
    await rejects(shape({ latency: 5 }, [{ direction: "in", peer: "no address" }]));
    await rejects(
      packets.shape(inward, { seed: 1 }, { signal: AbortSignal.abort(new Error("no")) }),
      /no/,
    );
    strictEqual(await nft("list tables"), "");
  },
  "is gone with its process, and then packets pass": async () => {
    await using receiver = await packets.receiveProbes();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", import.meta.filename!, "hold"],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    ok((await times(receiver.port))[0]! >= 99);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    while (await nft("list tables") !== "") await delay(5);
    const found = await times(receiver.port);
    deepStrictEqual([found.length, found[0]! < 50], [20, true]);
  },
  // Not a case of its own: it is the process that is killed.
  hold: async () => {
    await using _shaped = await shape({ latency: 50 });
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

const [name = ""] = Deno.args;
await cases[name]!();
await resources[Symbol.asyncDispose]();
Deno.exit(0);
