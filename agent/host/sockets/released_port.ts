import { delay } from "../../delay.ts";
import { hexAddress } from "./listening_socket.ts";
import { ListeningSockets } from "./listening_sockets.ts";

/** Milliseconds for which a port may be held by what is being started, on a busy machine. */
const HELD_TIMEOUT = 2_000;

/** Milliseconds between two looks. */
const LOOK_INTERVAL = 2;

/**
 * Closes a listener, and resolves when nothing has its socket any more, so that its port is free. A
 * process that is being started has a copy of all sockets of this one until its program begins.
 */
export async function closeAndRelease(
  addr: Deno.NetAddr,
  close: () => void | Promise<void>,
): Promise<void> {
  if (Deno.build.os !== "linux" || hexAddress(addr.hostname) === undefined) return await close();
  using sockets = new ListeningSockets();
  const own = new Set(inodesAt(sockets, addr));
  await close();
  const until = performance.now() + HELD_TIMEOUT;
  while (inodesAt(sockets, addr).some((inode) => own.has(inode)) && performance.now() < until) {
    await delay(LOOK_INTERVAL);
  }
}

/** None where the system does not tell, or this process may not ask: then nothing is waited for. */
function inodesAt(sockets: ListeningSockets, { hostname, port }: Deno.NetAddr): string[] {
  try {
    return sockets.at(hostname, port).map(({ inode }) => inode);
  } catch {
    return [];
  }
}
