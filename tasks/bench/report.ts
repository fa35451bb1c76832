import type { Ec2Report } from "./ec2/ec2_report.ts";
import { ratio } from "./goals.ts";
import type { PodsPoint } from "./pods/pods_point.ts";
import type { GrowthPoint } from "./growth/growth_point.ts";
import { CLUSTERTEST, type Contender, type Row, type Unit } from "./row.ts";
import { median, quantile } from "./statistics.ts";

/** Everything that a run of the benchmark found: what `--json` prints. */
export interface Report {
  readonly machine: BenchMachine;
  /** When it began, in ISO 8601. */
  readonly time: string;
  readonly rows: readonly RowReport[];
  /** Empty if it was not asked for. */
  readonly growth: readonly GrowthPoint[] | Absent;
  /** `null` if it was not asked for. */
  readonly ec2: Ec2Report | Absent | null;
  /** `null` if it was not asked for. */
  readonly pods: readonly PodsPoint[] | Absent | null;
}

/** Why something was not measured. */
export interface Absent {
  readonly absent: string;
}

/** Where it was measured. */
export interface BenchMachine {
  readonly os: string;
  readonly arch: string;
  readonly cores: number;
  readonly cpu: string;
  readonly deno: string;
}

/** What came of a row. */
export interface RowReport {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly contenders: readonly ContenderReport[];
  /** Peers that could not be measured, and why. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
  readonly goals: readonly { readonly text: string; readonly met: boolean | null }[];
  /** The peers that the chart compares with. */
  readonly charted: readonly string[];
}

/** What came of one contender. */
export interface ContenderReport {
  readonly name: string;
  readonly median: number;
  readonly p99: number;
  readonly samples: number;
  /** How many times better ours is than this peer, by the medians; `null` for ours. */
  readonly ratio: number | null;
}

/** The samples of a contender. */
export interface Samples {
  readonly contender: Contender;
  readonly values: readonly number[];
}

/** Sums a row up. */
export function reportRow(
  { id, title, unit, goals = [], charted = [] }: Row,
  samples: readonly Samples[],
  absent: RowReport["absent"],
): RowReport {
  const medians = Object.fromEntries(
    samples.map(({ contender, values }) => [contender.name, median(values)]),
  );
  const ours = medians[CLUSTERTEST];
  const contenders = samples.map(({ contender: { name }, values }) => ({
    name,
    median: medians[name]!,
    p99: quantile(values, 0.99),
    samples: values.length,
    ratio: name === CLUSTERTEST || ours === undefined ? null : ratio(unit, ours, medians[name]!),
  }));
  const met = goals.map((goal) => ({ text: goal.text, met: goal.met(medians) ?? null }));
  return { id, title, unit, contenders, absent, goals: met, charted };
}
