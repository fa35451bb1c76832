/** The middle of some numbers; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = sort(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest of some numbers that at least `share` of them do not exceed: 0.99 for p99. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = sort(values);
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank - 1))]!;
}

function sort(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError("Cannot take the middle of no numbers");
  return values.toSorted((one, other) => one - other);
}
