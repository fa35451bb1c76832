import { strictEqual } from "node:assert/strict";
import type { JitterDistribution } from "../../agent/host/host.ts";
import { deviation } from "../../agent/host/packets/deviation.ts";
import { draw } from "../../agent/host/packets/draw.ts";
import { judgedDistribution, MORE_TRIPS } from "./measure_times.ts";

const distributions: readonly JitterDistribution[] = ["uniform", "normal", "pareto"];

/** How often each two are compared. */
const SERIES = 200;

Deno.test("the times of a distribution are taken for no other one's, however they are drawn", () => {
  for (const [place, asked] of distributions.entries()) {
    const trips = timesOf(asked, { count: 20_000, seed: place });
    for (const made of distributions) {
      for (let seed = 1; seed <= SERIES; seed++) {
        const times = timesOf(made, { count: MORE_TRIPS.distribution, seed: 10 * seed + place });
        const { measured, accepted: [, most] } = judgedDistribution({ times, trips });
        strictEqual(measured <= most, made === asked, `${made} for ${asked}, series ${seed}`);
      }
    }
  }
});

/** Milliseconds in ascending order, the least of which are bounded by zero. */
function timesOf(
  distribution: JitterDistribution,
  { count, seed }: { readonly count: number; readonly seed: number },
): number[] {
  const times = Array.from({ length: count }, (_, trip) => {
    const drawn = [draw(seed, trip, 1), draw(seed, trip, 2)] as const;
    return Math.max(0, 1_000 + 1_000 * deviation(distribution, drawn));
  });
  return times.sort((a, b) => a - b);
}
