import { inflation } from "./measure_loss.ts";
import {
  acceptedShare,
  clamp,
  DEVIATIONS,
  type Measured,
  type MeasuredLink,
  possibleRate,
  sendProbes,
  settled,
  SILENCE,
  SIZES,
} from "./measured_link.ts";

/** Numbered datagrams of a series, at most and at least, a second, and for how many milliseconds. */
const SERIES = { most: 10_000, least: 300, rate: 10_000, duration: 3_000 };

/** How often what is rare is to be seen, and how many packets are to be lost to see that they are in runs. */
const SEEN = { events: 20, lost: 250 };

/** Sends probes one after the other, and looks which of them pass, in which order, how often, and unchanged. */
export async function measureSeries(measured: MeasuredLink): Promise<Measured[]> {
  const { own, latency, jitter } = measured.expected;
  if (!own.correlation && !own.duplicate && !own.reorder && !own.corrupt) return [];
  const rate = possibleRate(measured, SERIES.rate);
  const count = countFor(measured, rate);
  await using watch = await measured.watch();
  await sendProbes(measured, { count, rate, size: SIZES.least, areNumbered: true });
  await settled(measured, latency + 4 * jitter + SILENCE);
  const series = { count, seen: await watch.seen(), expected: measured.expected };
  return [
    ...own.correlation ? [correlation(series)] : [],
    ...own.duplicate ? [duplicate(series)] : [],
    ...own.reorder ? [reorder(series)] : [],
    ...own.corrupt ? [corrupt(series)] : [],
  ];
}

/** How much the correlation that so many probes show differs by chance: its standard deviation. */
export function correlationDeviation(
  { loss, correlation }: { readonly loss: number; readonly correlation: number },
): number {
  const again = loss + correlation * (1 - loss);
  return Math.sqrt(again * (1 - again) / (loss * correlationCount(loss)) + 1 / SERIES.most);
}

/** What was sent, and the numbers of what has passed, -1 where a number cannot be told. */
interface Series extends Pick<MeasuredLink, "expected"> {
  readonly count: number;
  readonly seen: readonly number[];
}

function countFor({ expected: { own } }: MeasuredLink, rate: number): number {
  const { loss = 0, correlation, duplicate, reorder, corrupt } = own;
  const rarest = Math.min(...[duplicate, reorder, corrupt].map((each) => each || 1));
  const wanted = Math.max(SEEN.events / rarest, correlation ? correlationCount(loss) : 0);
  const most = Math.min(SERIES.most, Math.ceil(rate * SERIES.duration / 1_000));
  return clamp(Math.ceil(wanted), { least: Math.min(SERIES.least, most), most });
}

function correlationCount(loss: number): number {
  return clamp(Math.ceil(SEEN.lost / loss), SERIES);
}

function correlation({ count, seen, expected }: Series): Measured {
  const passed = new Set(seen);
  const missing = Array.from({ length: count }, (_, number) => !passed.has(number));
  const share = missing.filter((each) => each).length / count;
  const both = missing.filter((each, i) => each && missing[i - 1]).length / (count - 1);
  const { own: { loss = 0, correlation = 0 }, correlation: asked } = expected;
  const deviation = correlationDeviation({ loss, correlation }) * Math.sqrt(inflation(correlation));
  return {
    quantity: "correlation",
    asked,
    measured: share === 0 || share === 1 ? 0 : (both - share ** 2) / (share * (1 - share)),
    accepted: [0.4 * asked, asked + 0.1 + DEVIATIONS * deviation],
    probes: count,
  };
}

function duplicate({ count, seen, expected: { duplicate } }: Series): Measured {
  const numbers = seen.filter((number) => number >= 0);
  const once = new Set(numbers).size;
  return share("duplicate", duplicate, { part: numbers.length - once, of: once, probes: count });
}

/** What has come before one that was sent earlier has overtaken it, unless none waited. */
function reorder({ count, seen, expected }: Series): Measured {
  const first = [...new Set(seen.filter((number) => number >= 0))];
  let [earliest, part] = [Infinity, 0];
  for (const number of first.toReversed()) {
    if (number > earliest) part++;
    earliest = Math.min(earliest, number);
  }
  const { own, reorder } = expected;
  const found = share("reorder", reorder.there, { part, of: first.length, probes: count });
  const [lowest, highest] = found.accepted;
  return { ...found, accepted: [Math.min(lowest, 0.3 * own.reorder!), highest] };
}

/** Of a packet that comes twice, both are changed or none is. */
function corrupt({ count, seen, expected: { corrupt, duplicate } }: Series): Measured {
  const copies = 1 + duplicate;
  const part = seen.filter((number) => number === -1).length / copies;
  return share("corrupt", corrupt, { part, of: seen.length / copies, probes: count });
}

function share(
  quantity: Measured["quantity"],
  asked: number,
  { part, of, probes }: { readonly part: number; readonly of: number; readonly probes: number },
): Measured {
  const count = Math.max(of, 1);
  const deviation = Math.sqrt(asked * (1 - asked) / count);
  const accepted = acceptedShare(asked, { count, deviation });
  return { quantity, asked, measured: part / count, accepted, probes };
}
