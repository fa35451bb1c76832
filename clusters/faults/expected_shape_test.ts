import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { PacketShaping } from "../../agent/host/host.ts";
import type { FaultEnd } from "./fault_options.ts";
import { expectedOf, type ExpectedShape } from "./expected_shape.ts";
import type { NetworkLink } from "./network_links.ts";
import type { ActiveFault, Cut } from "./prove_cut.ts";

/** A link, of which only the ends count. */
const link: NetworkLink = { from: {} as FaultEnd, to: {} as FaultEnd };
const back: NetworkLink = { from: link.to, to: link.from };

type Shaping = Omit<PacketShaping, "seed">;

function expected(
  there: readonly Shaping[],
  { andBack = [] as readonly Shaping[] } = {},
): ExpectedShape {
  const fault = (link: NetworkLink) => (shaping: Shaping) => ({
    links: [link],
    shaping: { ...shaping, seed: 1 },
    filter: {},
  });
  const faults = [...there.map(fault(link)), ...andBack.map(fault(back))];
  return expectedOf(link, { faults } as unknown as Cut, faults[0]!.shaping);
}

function near(found: number, wanted: number, most = 0.001): void {
  ok(Math.abs(found - wanted) < most, `${found}, not ${wanted}`);
}

Deno.test("expectedOf() adds latencies, and combines what is probable", () => {
  const both = [{ latency: 10, loss: 0.5, duplicate: 0.5 }, {
    latency: 5,
    loss: 0.5,
    corrupt: 0.1,
  }];
  const shape = expected(both, { andBack: [{ latency: 1, loss: 1, bandwidth: 8_000 }] });
  strictEqual(shape.latency, 16);
  deepStrictEqual([shape.loss, shape.duplicate, shape.bandwidth], [0.75, 0.5, undefined]);
  near(shape.corrupt, 0.1);
});

Deno.test("expectedOf() knows how runs of losses look among other losses", () => {
  near(expected([{ loss: 0.1, correlation: 0.5 }]).correlation, 0.5);
  near(expected([{ loss: 0.1 }]).correlation, 0);
  const { correlation } = expected([{ loss: 0.1, correlation: 0.5 }, { loss: 0.2 }]);
  ok(correlation > 0.1 && correlation < 0.3, `${correlation}`);
  const { correlation: changed } = expected([{ loss: 0.1, correlation: 0.5, corrupt: 0.2 }]);
  near(changed, correlation);
  strictEqual(expected([{ loss: 1, correlation: 0.5 }]).correlation, 0);
});

Deno.test("expectedOf() draws round trips as they are to be, of packets that are not late too", () => {
  const [half] = [1_000];
  const uniform = expected([{ latency: 100, jitter: 50 }], { andBack: [{ latency: 7 }] }).drawTrips(
    2_000,
  );
  near(uniform[half!]!, 107, 3);
  ok(uniform[0]! >= 57 && uniform.at(-1)! <= 157);
  const early = expected([{ latency: 100, reorder: 0.3 }]).drawTrips(2_000);
  near(early.filter((each) => each === 0).length / 2_000, 0.3, 0.04);
  near(expected([{ reorder: 0.3 }], { andBack: [{ reorder: 0.5 }] }).reorder.both, 0.65);
});

Deno.test("expectedOf() is of one way where no answer comes back", () => {
  const own: PacketShaping = { latency: 10, seed: 1 };
  const there = { links: [link], shaping: own, filter: {} };
  const answer = { links: [back], shaping: { latency: 5, seed: 1 }, filter: {} };
  const cut = { links: [back], shaping: undefined, filter: {} };
  const seen = (...others: readonly ActiveFault[]) => {
    const { isOneWay, latency } = expectedOf(link, { faults: [there, ...others] }, own);
    return [isOneWay, latency];
  };
  deepStrictEqual(seen(), [false, 10]);
  deepStrictEqual(seen(answer), [false, 15]);
  deepStrictEqual(seen(answer, cut), [true, 10]);
  deepStrictEqual(seen({ ...cut, filter: { protocol: "tcp" } }), [false, 10]);
  deepStrictEqual(seen({ ...cut, filter: { port: 80 } }), [false, 10]);
  strictEqual(expectedOf({ ...link, to: "outside" }, { faults: [there] }, own).isOneWay, true);
});
