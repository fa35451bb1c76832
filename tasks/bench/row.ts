import type { Surroundings } from "./surroundings.ts";

/** What a row's numbers count. */
export type Unit = "ms" | "MB/s" | "MB";

/** One way to do what a row measures. */
export interface Contender {
  /** `"clustertest"` for ours; what the table and the goals call it. */
  readonly name: string;
  /** Does it once; resolves to what that took, or brought, in the unit of the row. */
  sample(): Promise<number>;
}

/** A peer that cannot be measured on this machine. */
export interface AbsentPeer {
  readonly name: string;
  /** Why. */
  readonly absent: string;
}

/** What a row is expected to show. */
export interface Goal {
  /** As the table has it. */
  readonly text: string;
  /** `undefined` when what it takes to tell was not measured. */
  met(medians: Medians): boolean | undefined;
}

/** Medians, by the name of the contender. */
export type Medians = Readonly<Record<string, number | undefined>>;

/** One line of the table: something that people do, and the ways to do it. */
export interface Row {
  /** By which `--only` picks it: lower-case words joined by hyphens. */
  readonly id: string;
  /** What is done, for people. */
  readonly title: string;
  readonly unit: Unit;
  /** How often it is each contender's turn. */
  readonly rounds: number;
  /** Rounds before those, which do not count. @default 1 */
  readonly warmUps?: number;
  /**
   * Samples in one turn. More than one is for what takes so little that the cold caches which the
   * others leave behind would weigh. @default 1
   */
  readonly inARow?: number;
  readonly goals?: readonly Goal[];
  /** Peers that the chart compares with: what people would pick instead. @default none */
  readonly charted?: readonly string[];
  /** All that can do it; ours comes first. */
  contenders(surroundings: Surroundings): Promise<readonly (Contender | AbsentPeer)[]>;
}

/** Whether less is more. */
export function lowerIsBetter(unit: Unit): boolean {
  return unit !== "MB/s";
}

/** The name of our own contender. */
export const CLUSTERTEST = "clustertest";
