import type { HostConnection } from "../../agent/host/host.ts";
import { pump, type PumpOptions } from "../../agent/host/pump.ts";

/** The direction of data: from the first connection to the second one, or back. */
export type Way = "there" | "back";

/** How connections are joined. */
export interface SpliceOptions {
  /** Called when one of them has failed; the other is reset when its promise has resolved. */
  readonly onFailure?: ((error: unknown, way: Way) => Promise<unknown>) | undefined;
  /** Delays what is sent one way until its promise resolves. @default no delay */
  readonly before?: ((way: Way) => Promise<void> | undefined) | undefined;
  /** What is sent in place of what has arrived: as late as it may be. @default the same */
  readonly through?: ((way: Way, arriving: Arriving) => Arriving) | undefined;
}

/** What arrives at a connection. */
export type Arriving = HostConnection["readable"];

/**
 * Joins two connections: what arrives at one is sent by the other, until both directions have ended and all
 * was sent. An end is passed on as an end; a reset, or the loss of a node, as a reset.
 *
 * @throws the first error of either.
 */
export async function splice(
  one: HostConnection,
  other: HostConnection,
  { onFailure, before, through }: SpliceOptions = {},
): Promise<void> {
  const errors: unknown[] = [];
  const pass = (way: Way) => {
    const ends = way === "there" ? { from: one, to: other } : { from: other, to: one };
    return passOn(ends, {
      onFailure: onFailure && ((error) => onFailure(error, way)),
      before: before && (() => before(way)),
      source: through?.(way, ends.from.readable),
    }).catch((error) => errors.push(error));
  };
  await Promise.all([pass("there"), pass("back")]);
  // Bytes may still be on their way from the host when its end was reported: closing now would lose them.
  if (errors.length === 0) await Promise.all([one.closed, other.closed]);
  await Promise.allSettled([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  if (errors.length > 0) throw errors[0];
}

interface PassOptions extends Pick<PumpOptions, "onFailure" | "before"> {
  /** @default what arrives at the first connection */
  readonly source?: Arriving | undefined;
}

/**
 * Copies one direction. An error of the source resets the target in both directions. A target that only
 * reads no more may go on writing, as a service that answers early does.
 */
async function passOn(
  { from, to }: { readonly from: HostConnection; readonly to: HostConnection },
  { source = from.readable, ...options }: PassOptions,
): Promise<void> {
  try {
    await pump(source, to.writable, { release: true, ...options });
  } catch (error) {
    const brokeOff = await source.getReader().closed.then(() => false, () => true);
    if (brokeOff) await Promise.allSettled([to.reset(error), from.reset(error)]);
    throw error;
  }
}
