/** A TCP socket of this machine that waits for connections. */
export interface ListeningSocket {
  /** Its address, as {@linkcode hexAddress} has it. */
  readonly address: string;
  readonly port: number;
  /** The user of the process that has made it. */
  readonly uid: number;
  /** Tells it from all others. */
  readonly inode: string;
}

/** What an address of this machine may be of; the numbers are those of Linux. */
export const Family = { v4: 2, v6: 10 } as const;

/** One of them. */
export type AddressFamily = typeof Family[keyof typeof Family];

/** All addresses, by family. */
export const ANY: Readonly<Record<AddressFamily, string>> = {
  2: "0".repeat(8),
  10: "0".repeat(32),
};

/** How the IPv6 address begins that stands for an IPv4 address. */
export const MAPPED: string = `${"0".repeat(20)}ffff`;

const LOOPBACK_V6 = `${"0".repeat(31)}1`;

/** The bytes of an address, in hexadecimal digits; `undefined` for IPv6 other than "::" and "::1". */
export function hexAddress(hostname: string): string | undefined {
  if (!hostname.includes(":")) return Uint8Array.from(hostname.split("."), Number).toHex();
  return { "::": ANY[Family.v6], "::1": LOOPBACK_V6 }[hostname];
}
