import type { HostConnection } from "../../agent/host/host.ts";
import { pump, type PumpOptions } from "../../agent/host/pump.ts";

/** Joins two connections: what arrives at one leaves by the other, until both ways have ended. */
export async function splice(
  one: HostConnection,
  other: HostConnection,
  options?: Pick<PumpOptions, "onFailure">,
): Promise<void> {
  const ways = [
    pump(one.readable, other.writable, { release: true, ...options }),
    pump(other.readable, one.writable, { release: true, ...options }),
  ];
  try {
    await Promise.all(ways);
  } finally {
    // One way that breaks takes the other with it: half of a conversation helps nobody.
    await Promise.allSettled([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
    await Promise.allSettled(ways);
  }
}
