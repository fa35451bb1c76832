/** Throws a `RangeError` unless it is a port, and not below `least`. */
export function checkPort(port: number, least: number): void {
  if (!Number.isInteger(port) || port < least || port > 65535) {
    const given = Deno.inspect(port);
    throw new RangeError(`The port must be a whole number from ${least} to 65535, not ${given}`);
  }
}
