import { delay } from "../../agent/delay.ts";
import type { ExpectedShape } from "./expected_shape.ts";
import {
  bitsOf,
  BUSY,
  clamp,
  countOf,
  DEVIATIONS,
  type Measured,
  type MeasuredLink,
  quantile,
  sendProbes,
  SIZES,
} from "./measured_link.ts";

/** Round trips that are timed, at most and at least, milliseconds that they may take, and between two. */
const TRIPS = { most: 40, least: 10, duration: 1_000, interval: 3 };

/**
 * Those that are timed where some are not late, and where it is to be seen how they differ: so many that any
 * two distributions are told apart.
 */
export const MORE_TRIPS = { reorder: 200, distribution: 800 };

/** Round trips that are drawn to know how long they are to be. */
const DRAWN = { distribution: 20_000, other: 2_000 };

/** Between which shares of the round trips the jitter is looked for: only the later ones may all be late. */
const SPREAD = { all: [0.1, 0.9], late: [0.8, 0.97] } as const;

/** Milliseconds by which clocks may differ. */
const CLOCKS = 0.5;

/** Times round trips, and where nobody answers how long probes are under way. */
export async function measureTimes(measured: MeasuredLink): Promise<Measured[]> {
  const { own, drawTrips, isOneWay, bandwidth = Infinity } = measured.expected;
  if (!own.latency) return [];
  const slow = bitsOf(measured, SIZES.least) * 1_000 / bandwidth;
  const trips = drawTrips(own.distribution ? DRAWN.distribution : DRAWN.other);
  const patience = Math.ceil(quantile(trips, 1) + 10 * BUSY);
  const times = await timesOf(measured, { ...planOf(measured, slow), patience });
  const found = { ...measured.expected, times, trips, slow };
  return [
    ...judgedTimes(found),
    ...own.distribution && !isOneWay ? [judgedDistribution(found)] : [],
  ];
}

/** Whether they are as late as they are to be, and differ as much. */
export function judgedTimes(found: Times): Measured[] {
  return [latency(found), ...found.own.jitter ? [jitter(found)] : []];
}

/** How many probes are timed, milliseconds between two, and how long an answer is waited for. */
interface TimePlan {
  readonly count: number;
  readonly interval: number;
  readonly patience: number;
}

/** What was timed, and what was to be. */
interface Times extends Pick<ExpectedShape, "latency" | "jitter" | "reorder" | "own"> {
  /** In ascending order. */
  readonly times: readonly number[];
  /** How long they are to take, in ascending order. */
  readonly trips: readonly number[];
  /** Milliseconds that the bandwidth adds. */
  readonly slow: number;
}

function planOf(
  { expected: { own, reorder, isOneWay } }: MeasuredLink,
  slow: number,
): Omit<TimePlan, "patience"> {
  if (isOneWay) return { count: TRIPS.least, interval: 0 };
  const interval = Math.ceil(TRIPS.interval + 3 * slow);
  const most = own.distribution
    ? MORE_TRIPS.distribution
    : reorder.both > 0
    ? MORE_TRIPS.reorder
    : TRIPS.most;
  const duration = most === TRIPS.most ? TRIPS.duration : most * TRIPS.interval;
  return { count: clamp(Math.floor(duration / interval), { ...TRIPS, most }), interval };
}

/** The median of so few may be that of others than the middle one. */
function latency({ latency, times, trips, slow }: Times): Measured {
  const around = 0.5 * DEVIATIONS / Math.sqrt(times.length || 1);
  return {
    quantity: "latency",
    asked: latency,
    measured: quantile(times, 0.5),
    accepted: [
      quantile(trips, 0.5 - around) - CLOCKS,
      1.5 * quantile(trips, 0.5 + around) + 3 * slow + BUSY,
    ],
    probes: times.length,
  };
}

function jitter({ jitter, reorder, times, trips }: Times): Measured {
  const [low, high] = reorder.both > 0 ? SPREAD.late : SPREAD.all;
  const spread = (sorted: readonly number[]) => quantile(sorted, high) - quantile(sorted, low);
  return {
    quantity: "jitter",
    asked: jitter,
    measured: jitter * spread(times) / spread(trips),
    accepted: [0.4 * jitter, 2 * jitter + 1.6 * BUSY * jitter / spread(trips)],
    probes: times.length,
  };
}

/**
 * How many more, as a share, are earlier than are to be, of all times the most: no machine is so busy that
 * packets are earlier. By chance it is more than accepted in one of a million.
 */
export function judgedDistribution({ times, trips }: Pick<Times, "times" | "trips">): Measured {
  let place = 0;
  const earlier = times.map((time, i) => {
    while (place < trips.length && trips[place]! <= time + CLOCKS) place++;
    return (i + 1) / times.length - place / trips.length;
  });
  return {
    quantity: "distribution",
    asked: 0,
    measured: Math.max(0, ...earlier),
    accepted: [0, Math.sqrt(7 / (times.length || 1)) + 0.01],
    probes: times.length,
  };
}

async function timesOf(measured: MeasuredLink, plan: TimePlan): Promise<number[]> {
  const { expected, target: { hostname, port }, sender, signal } = measured;
  if (expected.isOneWay) return await timesOneWay(measured, plan);
  const times = await sender.packets.timeProbes({ hostname, port, ...plan }, { signal });
  return times.toSorted((a, b) => a - b);
}

async function timesOneWay(
  measured: MeasuredLink,
  { count, patience }: Pick<TimePlan, "count" | "patience">,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    const before = await countOf(measured);
    await sendProbes(measured, { count: 1 });
    while (await countOf(measured) === before && performance.now() - started < patience) {
      await delay(1, measured.signal);
    }
    times.push(performance.now() - started);
  }
  return times.toSorted((a, b) => a - b);
}
