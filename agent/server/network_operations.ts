import type { HostConnection } from "../host/host.ts";
import { listenTargetShape, targetShape } from "../wire/addresses.ts";
import { settledWithin } from "../settled_within.ts";
import { integer, record } from "../wire/shape.ts";
import { ConnectionQueue } from "./connection_queue.ts";
import { type Operation, operation } from "./operation.ts";
import type { ServedChannel } from "./served_channel.ts";

const dial = operation(targetShape, async ({ host, channel }, target) => {
  await serve(channel, await host.network.dial(target, { signal: channel.signal }));
});

const listen = operation(listenTargetShape, async ({ host, channel, listeners }, target) => {
  const onTrouble = (trouble: string) => channel.event({ trouble });
  const listener = await host.network.listen(target, { signal: channel.signal, onTrouble });
  await using queue = new ConnectionQueue(listener);
  listeners.set(channel.id, queue);
  try {
    channel.event({ listening: listener.addr });
    await channel.closing;
  } finally {
    listeners.delete(channel.id);
  }
});

const accept = operation(
  record({ listener: integer() }),
  async ({ channel, listeners }, { listener }) => {
    const queue = listeners.get(listener);
    if (!queue) throw new Deno.errors.BadResource("Cannot accept: the listener is closed");
    await serve(channel, await queue.next(channel.signal));
  },
);

const hostname = operation(record({}), async ({ host, channel }) => {
  return await host.network.hostname({ signal: channel.signal });
});

/** Milliseconds that a connection which the runner has closed may take to send what it was given. */
const LINGER_TIMEOUT = 30_000;

/** Copies both ways until both have ended, or the runner closes the connection or breaks it off. */
async function serve(channel: ServedChannel, connection: HostConnection): Promise<void> {
  const { localAddr, remoteAddr } = connection;
  channel.event({ connected: { localAddr, remoteAddr } });
  const sending = channel.receiveInto(connection.writable, 0, { release: true });
  const both = Promise.allSettled([sending, channel.sendFrom(connection.readable, 1)]);
  const broken = await Promise.race([both.then(() => undefined), channel.closing]);
  if (broken) await connection.reset(broken);
  else void linger(connection, sending);
}

/**
 * Closes a connection once it has sent what it was given before its end. The operation does not wait
 * for that: the runner is done with the connection, and its other end may read slowly.
 */
async function linger(connection: HostConnection, sending: Promise<void>): Promise<void> {
  await settledWithin(LINGER_TIMEOUT, sending);
  await connection[Symbol.asyncDispose]();
}

/** Connections from and to the host. */
export const networkOperations: Readonly<Record<string, Operation>> = {
  dial,
  listen,
  accept,
  hostname,
};
