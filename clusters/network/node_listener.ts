import type { HostConnection, HostListener } from "../../agent/host/host.ts";
import { AcceptQueue } from "./accept_queue.ts";
import { AuthorCall, type Lifeline } from "../calls/mod.ts";
import { NodeConnection } from "./node_connection.ts";
import type { NodeCallOptions } from "../files/mod.ts";

/**
 * A listener on a node, whose connections arrive in the test; with the shape of `Deno.Listener`.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const [client, server] = await cluster.addNodes(2);
 * await using listener = await server.listen({ port: 0 });
 * const { port } = listener.addr as Deno.NetAddr;
 * await using connection = await client.connect({ hostname: server.address, port });
 * await using accepted = await listener.accept();
 * await connection.write(new TextEncoder().encode("ping"));
 * await connection.closeWrite();
 * strictEqual(await accepted.readable.text(), "ping");
 * ```
 */
export class NodeListener implements AsyncIterable<NodeConnection>, AsyncDisposable, Disposable {
  /** Where it listens, with the real port. */
  readonly addr: Deno.NetAddr | Deno.UnixAddr;
  readonly #listener: HostListener;
  readonly #connections: AcceptQueue;
  readonly #life: Lifeline;

  /** @ignore */
  constructor(listener: HostListener, life: Lifeline) {
    this.#listener = listener;
    this.#connections = new AcceptQueue(listener);
    this.#life = life;
    this.addr = listener.addr;
  }

  /**
   * Waits for the next connection; rejects with `BadResource` once the listener is closed. Aborting
   * leaves the listener as it is: the connection goes to the next call.
   */
  async accept(options?: NodeCallOptions): Promise<NodeConnection> {
    const call = new AuthorCall(this.accept, { on: "listener", options });
    const { done, value } = await this.#next(call);
    if (done) {
      throw call.located(
        new Deno.errors.BadResource("Cannot accept a connection: the listener is closed"),
      );
    }
    return new NodeConnection(value, this.#life);
  }

  /** The connections, until the listener is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<NodeConnection, void, undefined> {
    for (;;) {
      const call = new AuthorCall(this[Symbol.asyncIterator], { on: "listener" });
      const { done, value } = await this.#next(call);
      if (done) return;
      yield new NodeConnection(value, this.#life);
    }
  }

  /** Closes the listener, without waiting; accepted connections stay open. Idempotent. */
  close(): void {
    // If the node or the listener is gone, it is closed already.
    this[Symbol.asyncDispose]().catch(() => {});
  }

  /** As {@linkcode NodeListener.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes the listener; accepted connections stay open. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "listener" });
    await call.during(async () => {
      await this.#listener[Symbol.asyncDispose]();
      await this.#connections[Symbol.asyncDispose]();
    });
  }

  #next(call: AuthorCall): Promise<IteratorResult<HostConnection>> {
    return this.#life.during(call, (signal) => this.#connections.next(signal));
  }
}
