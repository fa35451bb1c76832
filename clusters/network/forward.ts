import { messageOf } from "../../agent/host/described_error.ts";
import type { DialTarget, Host } from "../../agent/host/host.ts";
import { AuthorCall, type NodeContext } from "../calls/mod.ts";
import { ForwardedPort } from "./forwarded_port.ts";
import { ReservedPort } from "./reserved_port.ts";
import { openRunnerHost } from "./runner_host.ts";

/** Where a forwarded port leads to, and where it is on this machine. */
export interface ForwardOptions {
  /** The host to connect to, as the node resolves it. @default the node itself */
  readonly hostname?: string | undefined;
  /** The port of this machine. @default a free one */
  readonly localPort?: number | undefined;
}

/** How a forward is opened. */
export interface ForwardRequest {
  readonly target: DialTarget;
  /** @default a free one */
  readonly localPort?: number;
}

/**
 * A port of this machine's loopback that leads to a service that a node can reach. Any client
 * library can use it.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await using listener = await node.listen({ port: 0 });
 * await using forward = await node.forward((listener.addr as Deno.NetAddr).port);
 * using client = await Deno.connect({ hostname: forward.hostname, port: forward.port });
 * await using accepted = await listener.accept();
 * await client.write(new TextEncoder().encode("hi"));
 * await client.closeWrite();
 * strictEqual(await accepted.readable.text(), "hi");
 * ```
 */
export class Forward implements AsyncDisposable {
  /** Always `"127.0.0.1"`. */
  readonly hostname: string = "127.0.0.1";
  /** The port of this machine; the same one after the node was killed and started again. */
  readonly port: number;
  readonly #runner: Host;
  readonly #context: NodeContext;
  readonly #target: DialTarget;
  readonly #following: Disposable;
  /** The open port; `undefined` while the node is down. */
  #open: ForwardedPort | undefined;
  /** Resolves when the ports that kills of the node have closed are closed. */
  #closed: Promise<void> = Promise.resolve();
  /** Keeps the port for the next start. */
  #reserved: ReservedPort | undefined;
  #disposal: Promise<void> | undefined;

  private constructor(
    runner: Host,
    open: ForwardedPort,
    { context, target }: { context: NodeContext; target: DialTarget },
  ) {
    this.#runner = runner;
    this.#open = open;
    this.#context = context;
    this.#target = target;
    this.port = open.port;
    this.#following = context.nodeLife.follow({
      down: () => this.#refuse("its node is down"),
      up: () => this.#accept(),
      gone: () => this[Symbol.asyncDispose](),
    });
  }

  /** Made by `node.forward`. Opens the port. */
  static open(
    context: NodeContext,
    call: AuthorCall,
    { target, localPort: port = 0 }: ForwardRequest,
  ): Promise<Forward> {
    return context.life.during(call, async (signal) => {
      await using stack = new AsyncDisposableStack();
      const runner = stack.use(await openRunnerHost());
      const parts = { runner, port, context, target, member: Forward.open };
      const open = stack.use(await ForwardedPort.open(parts));
      signal.throwIfAborted();
      stack.move();
      return new Forward(runner, open, { context, target });
    });
  }

  /** Closes the port, and resets every connection that came through it. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "forward" });
    await call.during(() => this.#disposal ??= this.#dispose());
  }

  async #dispose(): Promise<void> {
    this.#following[Symbol.dispose]();
    await this.#refuse();
    this.#giveBackReserved();
    await this.#runner[Symbol.asyncDispose]();
  }

  /** From now on clients are refused, as by a machine on which nothing listens. */
  #refuse(reason?: string): Promise<void> {
    const closing = this.#open?.close(reason);
    this.#open = undefined;
    const closed = Promise.all([this.#closed, closing]);
    this.#closed = closed.then(() => {
      if (!this.#disposal) this.#reserved ??= ReservedPort.take(this.port);
    });
    this.#closed.catch(() => {});
    return this.#closed;
  }

  #giveBackReserved(): void {
    this.#reserved?.[Symbol.dispose]();
    this.#reserved = undefined;
  }

  /** Opens the same port again, which clients know. If it is taken by now, the node starts all the same. */
  async #accept(): Promise<void> {
    const [context, target] = [this.#context, this.#target];
    const parts = { runner: this.#runner, port: this.port, context, target, member: Forward.open };
    try {
      await this.#closed;
      const open = await ForwardedPort.open(parts);
      if (this.#disposal || context.nodeLife.isDown) return await open[Symbol.asyncDispose]();
      this.#open = open;
      this.#giveBackReserved();
    } catch (error) {
      const message = `Cannot open port ${this.port} again, which led to node "${context.name}" ` +
        `(${context.backend}) before that was killed: ${messageOf(error)}. Make another forward`;
      if (!this.#disposal) context.emit({ type: "warning", message });
    }
  }
}
