import type { HostConnection } from "../../agent/host/host.ts";
import { pump, type PumpOptions } from "../../agent/host/pump.ts";

/** From the first connection to the second one, or back. */
export type Way = "there" | "back";

/** How connections are joined. */
export interface SpliceOptions {
  /** Waited for when one of them has failed, before the other hears of it. */
  readonly onFailure?: ((error: unknown, way: Way) => Promise<unknown>) | undefined;
  /** Waited for, if it gives a promise, before something goes this way. @default nothing is */
  readonly before?: ((way: Way) => Promise<void> | undefined) | undefined;
}

/**
 * Joins two connections: what arrives at one leaves by the other, until both ways have ended and all
 * has left. How each way ends is passed on: an end as an end, and a reset, or the loss of a node, as a reset.
 *
 * @throws what broke first.
 */
export async function splice(
  one: HostConnection,
  other: HostConnection,
  { onFailure, before }: SpliceOptions = {},
): Promise<void> {
  const errors: unknown[] = [];
  const pass = (way: Way) => {
    const ends = way === "there" ? { from: one, to: other } : { from: other, to: one };
    return passOn(ends, {
      onFailure: onFailure && ((error) => onFailure(error, way)),
      before: before && (() => before(way)),
    }).catch((error) => errors.push(error));
  };
  await Promise.all([pass("there"), pass("back")]);
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
  { from, to }: { readonly from: HostConnection; readonly to: HostConnection },
  options: Pick<PumpOptions, "onFailure" | "before">,
): Promise<void> {
  try {
    await pump(from.readable, to.writable, { release: true, ...options });
  } catch (error) {
    const brokeOff = await from.readable.getReader().closed.then(() => false, () => true);
    if (brokeOff) await Promise.allSettled([to.reset(error), from.reset(error)]);
    throw error;
  }
}
