import type { HostConnection, ListenTarget } from "../../agent/host/host.ts";
import type { RelayedPort } from "../links/mod.ts";
import { insidesOf, type Node } from "../node/mod.ts";
import type { NetworkLink } from "./network_links.ts";
import type { RelayCut } from "./prove_relays.ts";

const ANY_PORT: ListenTarget = { transport: "tcp", port: 0 };

/** What is served, and for which cut. */
export interface RelayedServiceOptions extends Pick<RelayCut, "context" | "signal"> {
  /** The port of a service that it stands for. @default that of none */
  readonly countsAs?: number | undefined;
  /** Called for each connection, which it has to close. */
  readonly serve: (connection: HostConnection) => Promise<void>;
}

/** A service of one node, to which connections of another one are relayed as those of links are. */
export class RelayedService implements AsyncDisposable {
  /** Where it is found, on the other node. */
  readonly hostname: string;
  readonly #stack: AsyncDisposableStack;
  readonly #from: Node;
  readonly #port: number;

  private constructor(from: Node, relayed: RelayedPort, stack: AsyncDisposableStack) {
    this.hostname = relayed.hostname;
    this.#port = relayed.port;
    this.#from = from;
    this.#stack = stack;
  }

  static async open(link: NetworkLink, options: RelayedServiceOptions): Promise<RelayedService> {
    const [from, to] = [link.from as Node, link.to as Node];
    const { context: { links }, signal, countsAs, serve } = options;
    await using stack = new AsyncDisposableStack();
    const listener = stack.use(await insidesOf(to).host.network.listen(ANY_PORT, { signal }));
    const { port } = listener.addr as Deno.NetAddr;
    const member = RelayedService.open;
    const relayed = stack.use(await links.probe({ from, to, port, countsAs, member }, signal));
    const serving = (async () => {
      for await (const connection of listener) serve(connection).catch(() => {});
    })();
    serving.catch(() => {});
    return new RelayedService(from, relayed, stack.move());
  }

  /** Opens a connection to it. */
  async dial(signal: AbortSignal): Promise<HostConnection> {
    const target = { transport: "tcp", hostname: this.hostname, port: this.#port } as const;
    return await insidesOf(this.#from).host.network.dial(target, { signal });
  }

  /** Closes it, and resets its connections. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
