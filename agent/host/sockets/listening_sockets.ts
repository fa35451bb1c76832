import {
  type AddressFamily,
  ANY,
  Family,
  hexAddress,
  type ListeningSocket,
  MAPPED,
} from "./listening_socket.ts";
import { procListeners } from "./proc_listeners.ts";
import { SocketDiagnosis } from "./socket_diagnosis.ts";

/** What listens on TCP ports of this machine, or of this part of it. Linux only. */
export class ListeningSockets implements Disposable {
  readonly #diagnosis = SocketDiagnosis.open();

  /**
   * Those of which one gets what is sent to an address of this machine, as Linux chooses: those at this
   * very address go before those at all addresses, and IPv4 before IPv6.
   */
  at(hostname: string, port: number): ListeningSocket[] {
    const own = hexAddress(hostname)!;
    const { v4, v6 } = Family;
    const places = hostname.includes(":")
      ? [[v6, own], [v6, ANY[v6]]] as const
      : [[v4, own], [v6, MAPPED + own], [v4, ANY[v4]], [v6, ANY[v6]]] as const;
    const listeners: Partial<Record<AddressFamily, ListeningSocket[]>> = {};
    for (const [family, address] of places) {
      const all = listeners[family] ??= this.#on(family, port);
      const found = all.filter((socket) => socket.address === address);
      if (found.length > 0) return found;
    }
    return [];
  }

  #on(family: AddressFamily, port: number): ListeningSocket[] {
    return this.#diagnosis?.listeners(family, port) ?? procListeners(family, port);
  }

  [Symbol.dispose](): void {
    this.#diagnosis?.[Symbol.dispose]();
  }
}

/** Whether two looks have shown the same sockets. */
export function areSame(
  before: readonly ListeningSocket[],
  after: readonly ListeningSocket[],
): boolean {
  const inodes = (sockets: readonly ListeningSocket[]) =>
    sockets.map(({ inode }) => inode).sort().join();
  return inodes(before) === inodes(after);
}
