import { AuthorCall } from "../calls/mod.ts";
import type { Node } from "../node/mod.ts";

/** What a link is made of. */
export interface LinkParts {
  readonly from: Node;
  readonly to: Node;
  readonly targetPort: number;
  readonly hostname: string;
  readonly port: number;
  readonly by: Link["by"];
  /** What ends it, once. */
  readonly close: () => Promise<void>;
}

/**
 * A way from one node to a service of another one: made by `cluster.link()`. It ends with either of the
 * nodes, with their cluster, or when it is disposed of. What is relayed goes through the test's own
 * process: one more hop, over its line, and TCP alone.
 */
export class Link implements AsyncDisposable {
  /** Where it begins: its address and port are of use there. */
  readonly from: Node;
  /** Where the service is. */
  readonly to: Node;
  /** The port of the service, on its node. */
  readonly targetPort: number;
  /** An IP address, at which the node finds the service of the other one. */
  readonly hostname: string;
  /** The port there. It is that of the service, unless the node has something at that already. */
  readonly port: number;
  /**
   * `"network"`: the nodes share one. `"public"`: at the public address of the other node, which has
   * answered. `"relay"`: through the test's process.
   */
  readonly by: "network" | "public" | "relay";
  readonly #close: () => Promise<void>;
  #disposal: Promise<void> | undefined;

  /** @ignore */
  constructor({ from, to, targetPort, hostname, port, by, close }: LinkParts) {
    this.from = from;
    this.to = to;
    this.targetPort = targetPort;
    this.hostname = hostname;
    this.port = port;
    this.by = by;
    this.#close = close;
  }

  /** As in a URL: address and port, with a colon between. */
  get address(): string {
    return this.hostname.includes(":")
      ? `[${this.hostname}]:${this.port}`
      : `${this.hostname}:${this.port}`;
  }

  /** Ends it, and resets every connection that is relayed. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "link" });
    await call.during(() => this.#disposal ??= this.#close());
  }
}
