import {
  acceptedShare,
  clamp,
  countOf,
  type Measured,
  type MeasuredLink,
  possibleRate,
  sendProbes,
  settled,
  SILENCE,
} from "./measured_link.ts";

/** Datagrams by which losses are counted, at most and at least, a second, and how many of them are lost. */
const LOSSES = { most: 20_000, least: 100, rate: 10_000, duration: 2_000, lost: 20 };

/** Counts what is lost. Where packets are copied, those are told apart that have passed. */
export async function measureLoss(measured: MeasuredLink): Promise<Measured[]> {
  const { loss, latency, jitter, own } = measured.expected;
  if (!own.loss) return [];
  const rate = possibleRate(measured, LOSSES.rate);
  const runs = inflation(own.correlation);
  const wanted = Math.ceil(LOSSES.lost * runs / loss);
  const most = Math.min(LOSSES.most, Math.ceil(rate * LOSSES.duration / 1_000));
  const count = clamp(wanted, { least: Math.min(LOSSES.least, most), most });
  const passed = await passingOf(measured, { count, rate }, latency + 4 * jitter + SILENCE);
  const deviation = Math.sqrt(runs * loss * (1 - loss) / count);
  return [{
    quantity: "loss",
    asked: loss,
    measured: 1 - passed / count,
    accepted: acceptedShare(loss, { count, deviation }),
    probes: count,
  }];
}

/** By how much more a share varies whose parts come in runs. */
export function inflation(correlation = 0): number {
  return (1 + correlation) / (1 - Math.min(correlation, 0.99));
}

/** How many probes pass, each counted once. */
async function passingOf(
  measured: MeasuredLink,
  probes: { readonly count: number; readonly rate: number },
  silence: number,
): Promise<number> {
  const before = await countOf(measured);
  await using watch = measured.expected.duplicate > 0 ? await measured.watch() : undefined;
  await sendProbes(measured, { ...probes, areNumbered: watch !== undefined });
  const { count: after } = await settled(measured, silence);
  if (!watch) return after - before;
  const seen = await watch.seen();
  // A probe that was changed has no number; as a rule, its copy has none either.
  const changed = seen.filter((number) => number === -1).length;
  return new Set(seen.filter((number) => number >= 0)).size +
    changed / (1 + measured.expected.duplicate);
}
