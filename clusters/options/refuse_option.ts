/** Throws the `TypeError` for an option that is of the right kind, and has a value that cannot be. */
export function refuseOption(option: string, value: unknown, expected: string): never {
  throw new TypeError(`Cannot use ${JSON.stringify(value)} as ${option}: it has to be ${expected}`);
}
