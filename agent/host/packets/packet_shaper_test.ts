import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { PacketShaping } from "../host.ts";
import { PacketShaper } from "./packet_shaper.ts";

/** A datagram from a port of one address to another. */
function datagram(port: number): Uint8Array {
  const bytes = new Uint8Array(60);
  bytes.set([0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
  bytes.set([port >> 8, port & 0xff, 0, 80], 20);
  return bytes;
}

/** What becomes of packets of one flow, one every millisecond. */
function fates(shaping: PacketShaping, count = 10_000, { ports = [1_000] } = {}): Fate[] {
  const shaper = new PacketShaper([{ direction: "in", peer: "10.0.0.1" }], shaping);
  return Array.from({ length: count }, (_, i) => {
    const bytes = datagram(ports[i % ports.length]!);
    const verdict = shaper.judge({ bytes, length: bytes.length }, i);
    if (!verdict) return { isLost: true };
    const { due, isCopied, replacement } = verdict;
    const flipped = replacement &&
      replacement.reduce((sum, each, i) => sum + bits(each ^ bytes[i]!), 0);
    return { isLost: false, late: due - i, isCopied, flipped };
  });
}

interface Fate {
  readonly isLost: boolean;
  readonly late?: number;
  readonly isCopied?: boolean | undefined;
  readonly flipped?: number | undefined;
}

function bits(byte: number): number {
  return byte.toString(2).replaceAll("0", "").length;
}

function share(fates: readonly Fate[], is: (fate: Fate, i: number) => unknown): number {
  return fates.filter(is).length / fates.length;
}

function isNear(found: number, expected: number, most: number): void {
  ok(Math.abs(found - expected) < most, `${found}, not ${expected}`);
}

Deno.test("PacketShaper loses, copies and changes as many packets as it is to", () => {
  const found = fates({ loss: 0.1, duplicate: 0.2, corrupt: 0.3, seed: 1 });
  isNear(share(found, ({ isLost }) => isLost), 0.1, 0.015);
  isNear(share(found, ({ isCopied }) => isCopied), 0.9 * 0.2, 0.02);
  isNear(share(found, ({ flipped }) => flipped), 0.9 * 0.3, 0.02);
  ok(found.every(({ flipped = 1 }) => flipped === 1));
});

Deno.test("PacketShaper loses packets in runs when the correlation says so, and not more of them", () => {
  for (const [correlation, again] of [[0, 0.1], [0.5, 0.55], [0.9, 0.91]] as const) {
    const found = fates({ loss: 0.1, correlation, seed: 3 }, 100_000);
    isNear(share(found, ({ isLost }) => isLost), 0.1, 0.02);
    const afterLost = found.filter((_, i) => found[i - 1]?.isLost);
    isNear(share(afterLost, ({ isLost }) => isLost), again, 0.03);
  }
  const all = fates({ loss: 0.5, correlation: 1, seed: 3 }, 100);
  strictEqual(new Set(all.map(({ isLost }) => isLost)).size, 1);
});

Deno.test("PacketShaper lets packets overtake, and keeps the others in their order", () => {
  const found = fates({ latency: 50, jitter: 30, reorder: 0.25, seed: 5 });
  isNear(share(found, ({ late }) => late === 0), 0.25, 0.02);
  const due = found.flatMap(({ late }, i) => late === 0 ? [] : [i + late!]);
  deepStrictEqual(due, due.toSorted((a, b) => a - b));
});

Deno.test("PacketShaper delays by the distribution that it is to", () => {
  const distributions = [
    ["uniform", [80, 120], 100],
    ["normal", [20, 180], 100],
    ["pareto", [100 - 20 * 0.58, 180], 100 - 20 * 0.28],
  ] as const;
  for (const [distribution, [least, most], median] of distributions) {
    // Each packet is of a flow of its own: no order is kept between them.
    const found = fates({ latency: 100, jitter: 20, distribution, seed: 2 }, 5_000, {
      ports: Array.from({ length: 5_000 }, (_, i) => 1_000 + i),
    });
    const late = found.map(({ late }) => late!).sort((a, b) => a - b);
    isNear(late[2_500]!, median, 1.5);
    isNear(late.reduce((sum, each) => sum + each) / late.length, 100, 1.5);
    ok(late[0]! >= least && late.at(-1)! <= most, `from ${late[0]} to ${late.at(-1)}`);
    // A tail is there where the distribution has one.
    strictEqual(late.at(-1)! > 150, distribution !== "uniform");
  }
  ok(
    fates({ latency: 1, jitter: 1, distribution: "normal", seed: 2 }).every(({ late }) =>
      late! >= 0
    ),
  );
});

const shapings: readonly Omit<PacketShaping, "seed">[] = [
  { loss: 0.3 },
  { loss: 0.3, correlation: 0.5 },
  { latency: 50, jitter: 20 },
  { latency: 50, jitter: 20, distribution: "normal" },
  { latency: 50, jitter: 20, distribution: "pareto" },
  { latency: 50, reorder: 0.3 },
  { duplicate: 0.3 },
  { corrupt: 0.3 },
];

for (const shaping of shapings) {
  Deno.test(`PacketShaper treats packets alike with the same seed: ${JSON.stringify(shaping)}`, () => {
    const one = fates({ ...shaping, seed: 7 }, 500);
    deepStrictEqual(fates({ ...shaping, seed: 7 }, 500), one);
    notDeepStrictEqual(fates({ ...shaping, seed: 8 }, 500), one);
    // Other ports, and another flow between, make no difference.
    const among = fates({ ...shaping, seed: 7 }, 1_000, { ports: [4_000, 5_000] });
    const first = among.filter((_, i) => i % 2 === 0);
    const alike = ({ isLost, isCopied, flipped }: Fate) => ({ isLost, isCopied, flipped });
    deepStrictEqual(first.map(alike), one.map(alike));
  });
}
