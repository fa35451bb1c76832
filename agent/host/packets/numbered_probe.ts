/** What stands before the number of a probe that has one, behind its mark. */
const SIGN = "#";

/** Characters of a probe in which its number is. */
const MAX_LENGTH = 100;

/** What a probe with this mark says that is one of many: the first has number 0. */
export function withNumber(mark: string, number: number): string {
  return `${mark}${SIGN}${number}`;
}

/** The number of a probe, by what it says; -1 if it has none. */
export function numberOf(content: Uint8Array): number {
  const text = new TextDecoder().decode(content.subarray(0, MAX_LENGTH));
  const [, digits] = /#(\d+)/.exec(text) ?? [];
  return digits === undefined ? -1 : Number(digits);
}
