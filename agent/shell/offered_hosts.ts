import type { Host } from "../host/host.ts";
import type { ShellOffer, ShellWithdrawal } from "./shell_offer.ts";
import { ShellServer } from "./shell_server.ts";

/** How a node that was offered is reached. */
export type OpenOffered<O extends ShellOffer> = (offer: O, signal: AbortSignal) => Promise<Host>;

/** Serves shells on nodes as they are offered and withdrawn, at the socket that the first offer names. */
export class OfferedHosts<O extends ShellOffer> implements Disposable {
  readonly #open: OpenOffered<O>;
  #server: ShellServer | undefined;

  constructor(open: OpenOffered<O>) {
    this.#open = open;
  }

  offer(offer: O): void {
    const { path, ...node } = offer;
    this.#server ??= new ShellServer(path);
    this.#server.offer({ ...node, open: (signal) => this.#open(offer, signal) });
  }

  withdraw({ cluster, node, reason }: ShellWithdrawal): void {
    this.#server?.withdraw({ cluster, node }, reason);
  }

  [Symbol.dispose](): void {
    this.#server?.[Symbol.dispose]();
  }
}
