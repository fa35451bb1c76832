import {
  bitsOf,
  clamp,
  type Measured,
  type MeasuredLink,
  sendProbes,
  settled,
  SILENCE,
  SIZES,
} from "./measured_link.ts";

/** Milliseconds for which a bandwidth is measured, and datagrams that are sent then: few, for a busy sender. */
const TRANSFER = { duration: 700, least: 20, most: 3_000 };

/** What is sent faster passes as fast as the link lets it; that it was faster has to be seen as well. */
export async function measureBandwidth(measured: MeasuredLink): Promise<Measured[]> {
  const { bandwidth, latency, jitter, loss, own } = measured.expected;
  if (bandwidth === undefined || own.bandwidth === undefined) return [];
  const bits = bandwidth * TRANSFER.duration / 1_000;
  const size = clamp(Math.floor(bits / 8 / TRANSFER.least), SIZES);
  const eachBits = bitsOf(measured, size);
  const count = clamp(Math.ceil(bits / eachBits), TRANSFER);
  const started = performance.now();
  const passing = settled(
    measured,
    latency + 4 * jitter + SILENCE + 3 * eachBits * 1_000 / bandwidth,
  );
  await sendProbes(measured, { count, size });
  const offered = count * eachBits * 1_000 / (performance.now() - started);
  const { elapsed, passed } = await passing;
  return [{
    quantity: "bandwidth",
    asked: bandwidth,
    measured: elapsed === 0 ? offered : passed * eachBits * 1_000 / elapsed,
    accepted: [0.5 * (1 - loss) * bandwidth, Math.min(1.15 * bandwidth, offered / 1.1)],
    probes: count,
  }];
}
