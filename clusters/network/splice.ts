import type { HostConnection } from "../../agent/host/host.ts";
import { pump, type PumpOptions } from "../../agent/host/pump.ts";

/** How connections are joined. */
export type SpliceOptions = Pick<PumpOptions, "onFailure">;

/**
 * Joins two connections: what arrives at one leaves by the other, until both ways have ended and all
 * has left. How each way ends is passed on: an end as an end, and a reset, or the loss of a node, as a reset.
 *
 * @throws what broke first.
 */
export async function splice(
  one: HostConnection,
  other: HostConnection,
  options?: SpliceOptions,
): Promise<void> {
  const errors: unknown[] = [];
  const way = (from: HostConnection, to: HostConnection) =>
    passOn(from, to, options).catch((error) => errors.push(error));
  await Promise.all([way(one, other), way(other, one)]);
  // What has ended in order may still be on its way from the host: closing it now would lose that.
  if (errors.length === 0) await Promise.all([one.closed, other.closed]);
  await Promise.allSettled([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  if (errors.length > 0) throw errors[0];
}

/**
 * One way. An end that breaks off is nobody's partner any more, in neither direction. One that only
 * takes no more may still have something to say, as a service that answers early does.
 */
async function passOn(
  from: HostConnection,
  to: HostConnection,
  options?: SpliceOptions,
): Promise<void> {
  try {
    await pump(from.readable, to.writable, { release: true, ...options });
  } catch (error) {
    const brokeOff = await from.readable.getReader().closed.then(() => false, () => true);
    if (brokeOff) await Promise.allSettled([to.reset(error), from.reset(error)]);
    throw error;
  }
}
