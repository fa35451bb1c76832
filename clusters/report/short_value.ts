/** A value with as many digits as a chart can show; `null` is one that is not known. */
export function shortValue(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(4));
}
