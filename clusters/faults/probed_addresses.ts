/**
 * Addresses to which probes are sent.
 *
 * @module
 */
/** An address of a single link is reached through an interface, which nobody here knows. */
export function widelyReachable(addresses: readonly string[]): string[] {
  return addresses.filter((each) => !each.startsWith("fe80:"));
}

export function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
