import type { DialTarget, HostConnection, HostListener } from "../../agent/host/host.ts";
import { LocalHost } from "../../agent/host/local_host.ts";
import { AuthorCall, type NodeContext } from "../calls/mod.ts";
import { splice } from "./splice.ts";

/** Where connections to a forwarded port go to. */
export interface ForwardOptions {
  /** Seen from the node. @default the node itself */
  readonly hostname?: string | undefined;
  /** The port of this machine. @default a free one */
  readonly localPort?: number | undefined;
}

/** How a forward is opened. */
export interface ForwardRequest {
  readonly route: Route;
  /** @default a free one */
  readonly localPort?: number;
}

/** Decides where a connection goes. */
export interface Route {
  /** Reads from the connection what it takes to know. */
  target(connection: HostConnection): Promise<DialTarget>;
  /** Tells the client whether the target was reached. @default it is not told */
  answer?(connection: HostConnection, reached: boolean): Promise<void>;
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
  /** The port of this machine. */
  readonly port: number;
  readonly #listener: HostListener;
  readonly #runner: LocalHost;
  readonly #context: NodeContext;
  readonly #route: Route;
  readonly #conversations = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;
  #disposal: Promise<void> | undefined;

  private constructor(
    runner: LocalHost,
    listener: HostListener,
    { context, route }: { context: NodeContext; route: Route },
  ) {
    this.#runner = runner;
    this.#listener = listener;
    this.#context = context;
    this.#route = route;
    this.port = (listener.addr as Deno.NetAddr).port;
    this.#accepting = this.#accept();
    context.life.signal.addEventListener("abort", this.#close, { once: true });
  }

  /** Made by `node.forward`. Opens the port. */
  static async open(
    context: NodeContext,
    { route, localPort = 0 }: ForwardRequest,
  ): Promise<Forward> {
    const runner = await LocalHost.open({ rootDir: Deno.cwd() });
    const target = { transport: "tcp", hostname: "127.0.0.1", port: localPort } as const;
    return new Forward(runner, await runner.network.listen(target), { context, route });
  }

  /** Closes the port and every connection that came through it. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal ??= this.#dispose();
  }

  readonly #close = () => void this[Symbol.asyncDispose]();

  async #dispose(): Promise<void> {
    this.#context.life.signal.removeEventListener("abort", this.#close);
    await this.#listener[Symbol.asyncDispose]();
    await this.#runner[Symbol.asyncDispose]();
    await this.#accepting;
    await Promise.all(this.#conversations);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      const conversation = this.#converse(connection).catch(() => {});
      this.#conversations.add(conversation);
      conversation.finally(() => this.#conversations.delete(conversation));
    }
  }

  /** A connection that cannot be made is closed, as one that is refused would be. */
  async #converse(connection: HostConnection): Promise<void> {
    await using accepted = connection;
    const { life, emit, name: node, host, nextId } = this.#context;
    const target = await this.#route.target(accepted);
    const tunnel = `tunnel${nextId()}`;
    const description = describeTarget(target);
    const call = new AuthorCall(Forward.open, { name: `forward to ${description}` });
    emit({ type: "tunnel-opened", node, tunnel, target: description });
    try {
      const dialling = life.during(
        call,
        (signal) => host().network.dial(target, { signal }),
      );
      const reached = await dialling.then(() => true, () => false);
      await this.#route.answer?.(accepted, reached);
      // A client that is told why the node is lost, as `fetch` is, hears that first.
      await splice(accepted, await dialling, { onFailure: (error) => life.explain(error, call) });
      emit({ type: "tunnel-closed", node, tunnel });
    } catch (error) {
      emit({ type: "tunnel-closed", node, tunnel, error: String(error) });
      throw error;
    }
  }
}

/** A target, as events name it. */
export function describeTarget(target: DialTarget): string {
  return target.transport === "unix" ? target.path : `${target.hostname ?? ""}:${target.port}`;
}
