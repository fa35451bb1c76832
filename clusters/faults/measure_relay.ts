import type { HostConnection } from "../../agent/host/host.ts";
import { allOrNone, unlessAborted } from "../concurrency/mod.ts";
import type { NetworkLink } from "./network_links.ts";
import { clamp } from "./measured_link.ts";
import type { RelayCut } from "./prove_relays.ts";
import { RelayedService } from "./relayed_service.ts";

/** Milliseconds for which a bandwidth is measured. */
const DURATION = 700;

/** Bytes that are sent for that, and by one write. */
const BYTES = { least: 200, most: 64 * 1024 * 1024, chunk: 64 * 1024 };

/** Whose relays are measured. */
export type MeasuredRelay = Pick<RelayCut, "context" | "signal"> & { readonly link: NetworkLink };

/** Milliseconds of so many round trips, in ascending order: all at once, each on a connection of its own. */
export async function timeRelay(
  { link, context, signal }: MeasuredRelay,
  { count, countsAs }: { readonly count: number; readonly countsAs: number | undefined },
): Promise<number[]> {
  await using service = await RelayedService.open(link, { context, signal, countsAs, serve: echo });
  await using stack = new AsyncDisposableStack();
  const connections = await allOrNone<number, HostConnection>([...Array(count).keys()], {
    make: (_, signal) => service.dial(signal),
    undo: async (connection) => await connection[Symbol.asyncDispose](),
    signals: [signal],
  });
  for (const connection of connections) stack.use(connection);
  // The first one on a connection takes the time in which that is made.
  await Promise.all(connections.map((connection) => roundTrip(connection, signal)));
  const times = await Promise.all(connections.map((connection) => roundTrip(connection, signal)));
  return times.sort((a, b) => a - b);
}

async function echo(connection: HostConnection): Promise<void> {
  await using open = connection;
  await open.readable.pipeTo(open.writable);
}

async function roundTrip(
  { readable, writable }: HostConnection,
  signal: AbortSignal,
): Promise<number> {
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  const started = performance.now();
  try {
    await unlessAborted(writer.write(new Uint8Array(1)), signal);
    await unlessAborted(reader.read(), signal);
    return performance.now() - started;
  } finally {
    reader.releaseLock();
    writer.releaseLock();
  }
}

/** How a bandwidth is measured. */
export interface RelayTransfer {
  /** Bits per second. */
  readonly asked: number;
  readonly countsAs: number | undefined;
  /** Milliseconds that each byte is late, at most. */
  readonly latency: number;
}

/** Bits per second that pass, of more than may. */
export async function measureRelayBandwidth(
  { link, context, signal }: MeasuredRelay,
  { asked, countsAs, latency }: RelayTransfer,
): Promise<number> {
  const rate = Promise.withResolvers<number>();
  rate.promise.catch(() => {});
  let started = 0;
  const serve = (connection: HostConnection) =>
    rateOf(connection, () => started + latency).then(rate.resolve, rate.reject);
  await using service = await RelayedService.open(link, { context, signal, countsAs, serve });
  await using connection = await service.dial(signal);
  const writer = connection.writable.getWriter();
  started = performance.now();
  let left = clamp(Math.ceil(asked * DURATION / 8_000), BYTES);
  for (; left > 0; left -= BYTES.chunk) {
    const chunk = new Uint8Array(Math.min(left, BYTES.chunk));
    await unlessAborted(writer.write(chunk), signal);
  }
  await unlessAborted(writer.close(), signal);
  return await unlessAborted(rate.promise, signal);
}

/**
 * How fast it comes after the first piece, and never faster than from its beginning on: the first piece
 * may have been held up on its way, and the others with it.
 */
async function rateOf(connection: HostConnection, beginning: () => number): Promise<number> {
  await using open = connection;
  const pieces: { readonly size: number; readonly at: number }[] = [];
  for await (const { length } of open.readable) {
    pieces.push({ size: length, at: performance.now() });
  }
  const [first, ...others] = pieces;
  const bytes = others.reduce((sum, { size }) => sum + size, 0);
  const last = others.at(-1)?.at ?? Infinity;
  const afterFirst = bytes * 8_000 / (last - (first?.at ?? 0));
  const all = bytes + (first?.size ?? 0);
  return Math.min(afterFirst, all * 8_000 / Math.max(1, last - beginning()));
}
