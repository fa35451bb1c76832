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

/** How much faster than the link it has to be sent. */
const FASTER = 1.1;

/** Milliseconds for which a bandwidth is measured, and datagrams that are sent then: few, for a busy sender. */
const TRANSFER = { duration: 700, least: 20, most: 3_000 };

/** Measurements at most, where a node was too busy to send faster than the link. */
const ATTEMPTS = 3;

/** What is sent faster passes as fast as the link lets it; that it was faster has to be seen as well. */
export async function measureBandwidth(measured: MeasuredLink): Promise<Measured[]> {
  const { bandwidth, own } = measured.expected;
  if (bandwidth === undefined || own.bandwidth === undefined) return [];
  for (let attempt = 1;; attempt++) {
    const { offered, ...found } = await transfer(measured, bandwidth);
    if (offered >= FASTER * bandwidth || attempt === ATTEMPTS) return [found];
  }
}

/** One measurement, and as how many bits per second it was sent. */
async function transfer(
  measured: MeasuredLink,
  bandwidth: number,
): Promise<Measured & { readonly offered: number }> {
  const { latency, jitter, loss } = measured.expected;
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
  return {
    offered,
    quantity: "bandwidth",
    asked: bandwidth,
    measured: elapsed === 0 ? offered : passed * eachBits * 1_000 / elapsed,
    accepted: [0.5 * (1 - loss) * bandwidth, Math.min(1.15 * bandwidth, offered / FASTER)],
    probes: count,
  };
}
