import { ok, strictEqual } from "node:assert/strict";
import { measureBandwidth } from "./measure_bandwidth.ts";
import type { MeasuredLink } from "./measured_link.ts";

/** Bits of the largest probe, with its headers. */
const PROBE = 8 * (60_000 + 28);

/** Probes that pass, one a millisecond, and by how many milliseconds an answer is late. */
const [PROBES, LATE] = [700, 200];

/** A link that lets a probe pass each millisecond from the second look on, of which the answer comes late. */
function busyLink(): MeasuredLink {
  let [looks, started] = [0, 0];
  const counts = async () => {
    looks++;
    if (looks === 1) return [0];
    if (looks > 2) return [Math.min(PROBES, 1 + Math.floor(performance.now() - started))];
    started = performance.now();
    await new Promise((resolve) => setTimeout(resolve, LATE));
    return [1];
  };
  const bandwidth = PROBE * 1_000;
  const expected = { bandwidth, latency: 0, jitter: 0, loss: 0, own: { bandwidth } };
  return {
    ...{ address: "10.0.0.1", target: { hostname: "10.0.0.1", port: 1 }, expected },
    sender: { packets: { sendProbes: () => Promise.resolve() } },
    passed: { counts },
    signal: new AbortController().signal,
  } as unknown as MeasuredLink;
}

Deno.test("measureBandwidth() takes no link for faster because it was looked at late", async () => {
  const [{ quantity, probes, measured, accepted: [, most] }] = await measureBandwidth(
    busyLink(),
  ) as [
    Awaited<ReturnType<typeof measureBandwidth>>[number],
  ];
  strictEqual(quantity, "bandwidth");
  strictEqual(probes, PROBES);
  ok(measured <= most, `${measured} measured, ${most} at most`);
});
