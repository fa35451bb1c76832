import { CLUSTERTEST, type Goal, lowerIsBetter, type Unit } from "./row.ts";

/** How many times better `ours` is than a peer: above 1 is ahead. */
export function ratio(unit: Unit, ours: number, peer: number): number {
  return lowerIsBetter(unit) ? peer / ours : ours / peer;
}

/** To be at least `times` as good as a peer. */
export function ahead(unit: Unit, peer: string, times = 1): Goal {
  return {
    text: times === 1 ? `ahead of ${peer}` : `${times}× ${peer}`,
    met: ({ [CLUSTERTEST]: ours, [peer]: theirs }) =>
      ours === undefined || theirs === undefined ? undefined : ratio(unit, ours, theirs) >= times,
  };
}

/** To cost at most `times` as much as a peer does, and `plus` besides; both in the unit of the row. */
export function isWithin(peer: string, times: number, plus = 0): Goal {
  return {
    text: `≤ ${times}× ${peer}${plus === 0 ? "" : ` + ${plus}`}`,
    met: ({ [CLUSTERTEST]: ours, [peer]: theirs }) =>
      ours === undefined || theirs === undefined ? undefined : ours <= times * theirs + plus,
  };
}

/** To be below a number. It says more of the machine than a ratio does. */
export function below(limit: number, unit: Unit): Goal {
  return {
    text: `< ${limit} ${unit}`,
    met: ({ [CLUSTERTEST]: ours }) => ours === undefined ? undefined : ours < limit,
  };
}

/** To be above a number. */
export function above(limit: number, unit: Unit): Goal {
  return {
    text: `> ${limit} ${unit}`,
    met: ({ [CLUSTERTEST]: ours }) => ours === undefined ? undefined : ours > limit,
  };
}
