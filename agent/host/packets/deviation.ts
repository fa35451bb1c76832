import type { JitterDistribution } from "../host.ts";

/** Jitters by which a packet differs at most where no bound is in the distribution itself. */
const MOST = 4;

/** The exponent of the distribution of Pareto, with its mean and its standard deviation. */
const PARETO = { exponent: 3, mean: 1.5, deviation: Math.sqrt(0.75) };

/**
 * By how many jitters the latency of a packet differs, by two numbers from 0 to below 1. Of `normal` and
 * `pareto` the jitter is the standard deviation.
 */
export function deviation(
  distribution: JitterDistribution,
  [one, other]: readonly [number, number],
): number {
  switch (distribution) {
    case "uniform":
      return 2 * one - 1;
    case "normal":
      return Math.min(MOST, Math.max(-MOST, normal(one, other)));
    case "pareto":
      return Math.min(MOST, pareto(one));
    default:
      return distribution satisfies never;
  }
}

/** By the transform of Box and Muller. */
function normal(one: number, other: number): number {
  return Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * other);
}

function pareto(one: number): number {
  const { exponent, mean, deviation } = PARETO;
  return ((1 - one) ** (-1 / exponent) - mean) / deviation;
}
