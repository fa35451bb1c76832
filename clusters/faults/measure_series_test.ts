import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { PacketShaping, ProbeTarget } from "../../agent/host/host.ts";
import { PacketShaper } from "../../agent/host/packets/packet_shaper.ts";
import type { FaultEnd } from "./fault_options.ts";
import { expectedOf } from "./expected_shape.ts";
import type { NetworkLink } from "./network_links.ts";
import { measureSeries } from "./measure_series.ts";
import type { Measured, MeasuredLink } from "./measured_link.ts";
import type { Cut } from "./prove_cut.ts";

const link: NetworkLink = { from: {} as FaultEnd, to: {} as FaultEnd };

/** A header of a datagram between addresses that are none. */
const packet = new Uint8Array([0x45, ...Array(8).fill(0), 17, ...Array(30).fill(0)]);

/** A link on which packets are shaped to what was made, while something else was asked for. */
function linkOf(asked: PacketShaping, made: PacketShaping): MeasuredLink {
  const fault = { links: [link], shaping: asked, filter: {} };
  const shaper = new PacketShaper([{ direction: "in" }], made);
  const seen: number[] = [];
  const sendProbes = ({ count, rate }: ProbeTarget) => {
    const passed = Array.from({ length: count }, (_, number) => {
      const now = number * 1_000 / rate!;
      return { number, now, verdict: shaper.judge({ bytes: packet, length: packet.length }, now) };
    }).filter(({ verdict }) => verdict).sort((a, b) => a.verdict!.due - b.verdict!.due);
    for (const { number, verdict } of passed) {
      const shownAs = verdict!.replacement ? -1 : number;
      seen.push(...verdict!.isCopied ? [shownAs, shownAs] : [shownAs]);
    }
    return Promise.resolve();
  };
  return {
    link,
    address: "127.0.0.1",
    target: { hostname: "127.0.0.1", port: 1 },
    sender: { packets: { sendProbes } },
    passed: { counts: () => Promise.resolve([seen.length]) },
    watch: () => Promise.resolve({ seen: () => Promise.resolve(seen), [Symbol.asyncDispose]() {} }),
    expected: expectedOf(link, { faults: [fault] } as unknown as Cut, asked),
    signal: new AbortController().signal,
  } as unknown as MeasuredLink;
}

function isShown({ measured, accepted: [lowest, highest] }: Measured): boolean {
  return measured >= lowest && measured <= highest;
}

const all = {
  latency: 20,
  loss: 0.2,
  correlation: 0.5,
  duplicate: 0.1,
  reorder: 0.1,
  corrupt: 0.1,
};

Deno.test("measureSeries() finds what was asked for if it was made, whatever the seed is", async () => {
  const found = await Promise.all(
    Array.from({ length: 10 }, async (_, seed) => {
      const asked = { ...all, seed };
      return await measureSeries(linkOf(asked, asked));
    }),
  );
  for (const measured of found) {
    const quantities = measured.map(({ quantity }) => quantity);
    deepStrictEqual(quantities, ["correlation", "duplicate", "reorder", "corrupt"]);
    ok(measured.every(isShown), Deno.inspect(measured));
  }
});

Deno.test("measureSeries() finds that nothing was made of each of them", async () => {
  for (const [place, name] of ["correlation", "duplicate", "reorder", "corrupt"].entries()) {
    const asked = { ...all, seed: 3 };
    const measured = await measureSeries(linkOf(asked, { ...asked, [name]: 0 }));
    strictEqual(measured[place]!.quantity, name);
    strictEqual(isShown(measured[place]!), false, Deno.inspect(measured[place]));
  }
});

Deno.test("measureSeries() sends nothing for a shape that has none of them", async () => {
  const asked = { latency: 20, loss: 0.2, seed: 3 };
  deepStrictEqual(await measureSeries(linkOf(asked, asked)), []);
});
