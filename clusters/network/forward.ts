import type { DialTarget, HostListener } from "../../agent/host/host.ts";
import { LocalHost } from "../../agent/host/local_host.ts";
import { AuthorCall, type Lifeline, type NodeContext } from "../calls/mod.ts";
import { Relay } from "./relay.ts";

/** Where connections to a forwarded port go to. */
export interface ForwardOptions {
  /** Seen from the node. @default the node itself */
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
  /** The port of this machine. */
  readonly port: number;
  readonly #listener: HostListener;
  readonly #runner: LocalHost;
  readonly #life: Lifeline;
  readonly #relay: Relay;
  readonly #serving: Promise<void>;
  #disposal: Promise<void> | undefined;

  private constructor(
    runner: LocalHost,
    listener: HostListener,
    { context, target }: { context: NodeContext; target: DialTarget },
  ) {
    this.#runner = runner;
    this.#listener = listener;
    this.#life = context.life;
    this.port = (listener.addr as Deno.NetAddr).port;
    this.#relay = relayToNode(context, target);
    this.#serving = this.#relay.serve(listener);
    context.life.signal.addEventListener("abort", this.#close, { once: true });
  }

  /** Made by `node.forward`. Opens the port. */
  static open(
    context: NodeContext,
    call: AuthorCall,
    { target, localPort = 0 }: ForwardRequest,
  ): Promise<Forward> {
    return context.life.during(call, async (signal) => {
      await using stack = new AsyncDisposableStack();
      const runner = stack.use(await LocalHost.open({ rootDir: Deno.cwd() }));
      const local = { transport: "tcp", hostname: "127.0.0.1", port: localPort } as const;
      const onTrouble = (message: string) => context.emit({ type: "warning", message });
      const listener = stack.use(await runner.network.listen(local, { onTrouble }));
      signal.throwIfAborted();
      stack.move();
      return new Forward(runner, listener, { context, target });
    });
  }

  /** Closes the port, and resets every connection that came through it. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "forward" });
    await call.during(() => this.#disposal ??= this.#dispose());
  }

  // Whoever disposes of the forward hears what went wrong; nobody waits for this one.
  readonly #close = () => void this[Symbol.asyncDispose]().catch(() => {});

  async #dispose(): Promise<void> {
    this.#life.signal.removeEventListener("abort", this.#close);
    this.#relay.close();
    await this.#listener[Symbol.asyncDispose]();
    await this.#serving;
    await this.#relay.settled();
    await this.#runner[Symbol.asyncDispose]();
  }
}

/** Joins connections with those that the node opens to `target`. */
function relayToNode(context: NodeContext, target: DialTarget): Relay {
  const { life, host } = context;
  const name = `forward to ${describeTarget(target)}`;
  return new Relay({
    context,
    target: describeTarget(target),
    dial: (signal) =>
      life.during(
        new AuthorCall(Forward.open, { name, signal }),
        (signal) => host().network.dial(target, { signal }),
      ),
    // A client that is told why the node is lost hears that first.
    onFailure: (error) => life.explain(error, new AuthorCall(Forward.open, { name })),
  });
}

/** A target, as events name it. */
export function describeTarget(target: DialTarget): string {
  return target.transport === "unix" ? target.path : `${target.hostname ?? ""}:${target.port}`;
}
