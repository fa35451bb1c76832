import type { Samples } from "./report.ts";
import type { Contender } from "./row.ts";

/** How contenders take turns. */
export interface TurnsOptions {
  readonly rounds: number;
  /** Rounds before those that count. */
  readonly warmUps: number;
  /** Samples of each that are taken in a row, in each round. @default 1 */
  readonly inARow?: number;
  /** Milliseconds after which no further round begins, once there are two. @default no bound */
  readonly budget?: number;
}

/** Rounds that are measured however long they take. */
const LEAST_ROUNDS = 2;

/**
 * Samples every contender, then every one again, and so on: what the machine does besides slows all of them
 * down alike, and so leaves the ratios.
 */
export async function measureInTurns(
  contenders: readonly Contender[],
  { rounds, warmUps, inARow = 1, budget = Infinity }: TurnsOptions,
): Promise<Samples[]> {
  const end = performance.now() + budget;
  const samples = contenders.map((contender) => ({ contender, values: [] as number[] }));
  for (let round = -warmUps; round < rounds; round++) {
    if (round >= LEAST_ROUNDS && performance.now() > end) break;
    for (const { contender, values } of samples) {
      for (let left = inARow; left > 0; left--) {
        const value = await contender.sample();
        if (round >= 0) values.push(value);
      }
    }
  }
  return samples;
}
