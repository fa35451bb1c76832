import { HostLostError } from "../../agent/client/host_lost_error.ts";
import { messageOf } from "../../agent/host/described_error.ts";
import type { Host, HostConnection, HostListener, ListenTarget } from "../../agent/host/host.ts";
import { AuthorCall, type Lifeline, type NodeCallOptions, type NodeContext } from "../calls/mod.ts";
import { listenOn } from "./listen_on.ts";
import { Relay } from "./relay.ts";
import { openRunnerHost } from "./runner_host.ts";

/** Where on the node a reverse forward listens. */
export interface ReverseForwardOptions extends NodeCallOptions {
  /** The port on the node. @default a free one */
  readonly port?: number | undefined;
  /**
   * The address at which the node listens: its own (`node.address`), or `"0.0.0.0"` for all that it
   * has, lets others reach the port, too. @default `"127.0.0.1"`, which the node alone reaches; where
   * nodes share a machine, the node's own, which others of that machine reach as well
   */
  readonly hostname?: string | undefined;
}

/** How a reverse forward is opened. */
export interface ReverseForwardRequest {
  /** The port of this machine. */
  readonly localPort: number;
  /** Where the node listens. */
  readonly target: ListenTarget & { readonly transport: "tcp" };
}

/**
 * A port of a node that leads to a port of this machine: programs on the node reach a server that the test
 * plays, or one that runs beside it. A connection that is closed or reset at one end is closed or reset at
 * the other.
 *
 * A connection is reset if nobody listens on this machine. A `warning` event says so once, and again only
 * after a connection has succeeded. When the node is started after a kill, the port is opened again.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await using server = Deno.serve({ port: 0, onListen() {} }, () => new Response("played"));
 * await using reverse = await node.reverseForward(server.addr.port);
 * const response = await node.fetch(`http://${reverse.hostname}:${reverse.port}/`);
 * strictEqual(await response.text(), "played");
 * ```
 */
export class ReverseForward implements AsyncDisposable {
  /** Where the node listens: an address of the node, or `"0.0.0.0"`. */
  readonly hostname: string;
  /** The port on the node. */
  readonly port: number;
  readonly #context: NodeContext;
  readonly #request: ReverseForwardRequest;
  readonly #runner: Host;
  readonly #relay: Relay;
  readonly #following: Disposable;
  #listener: HostListener;
  /** The uptime of the node in which the listener was opened. */
  #life: Lifeline;
  #serving: Promise<void>;
  /** Whether the latest connection could not be made here. */
  #inTrouble = false;
  #disposal: Promise<void> | undefined;

  private constructor(
    context: NodeContext,
    request: ReverseForwardRequest,
    { runner, listener }: { runner: Host; listener: HostListener },
  ) {
    this.#context = context;
    this.#request = request;
    this.#runner = runner;
    this.#listener = listener;
    const { hostname, port } = listener.addr as Deno.NetAddr;
    this.hostname = hostname;
    this.port = port;
    this.#relay = new Relay({
      context,
      target: `port ${request.localPort} of the runner`,
      dial: (signal) => this.#dial(signal),
    });
    this.#life = context.life;
    this.#serving = this.#serve();
    this.#following = context.nodeLife.follow({
      up: () => this.#reopen(),
      gone: () => this[Symbol.asyncDispose](),
    });
  }

  /** Made by `node.reverseForward`. Opens the port. */
  static open(
    context: NodeContext,
    call: AuthorCall,
    request: ReverseForwardRequest,
  ): Promise<ReverseForward> {
    return context.life.during(call, async (signal) => {
      await using stack = new AsyncDisposableStack();
      const runner = stack.use(await openRunnerHost());
      const listener = stack.use(await listenOn(context, request.target, signal));
      signal.throwIfAborted();
      stack.move();
      return new ReverseForward(context, request, { runner, listener });
    });
  }

  /** Closes the port, and resets every connection that came through it. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "forward" });
    await call.during(() => this.#disposal ??= this.#dispose());
  }

  async #dispose(): Promise<void> {
    this.#following[Symbol.dispose]();
    this.#relay.close();
    try {
      await this.#closeListener();
    } finally {
      await this.#relay.settled();
      await this.#runner[Symbol.asyncDispose]();
    }
  }

  /** Opens the port again when the node is up again: the kill has closed it. */
  async #reopen(): Promise<void> {
    const { life, emit } = this.#context;
    const { signal } = this.#relay;
    const target = { ...this.#request.target, port: this.port };
    try {
      await this.#closeListener();
      const either = AbortSignal.any([life.signal, signal]);
      this.#listener = await listenOn(this.#context, target, either);
      this.#life = life;
      this.#serving = this.#serve();
      if (signal.aborted) await this.#closeListener();
    } catch (error) {
      if (life.signal.aborted || signal.aborted) return;
      const where = `port ${this.port} of node "${this.#context.name}"`;
      const message = `Cannot open the reverse forward at ${where} anew: ${messageOf(error)}`;
      emit({ type: "warning", message });
    }
  }

  /** Closes the listener. If its node is gone, it is closed already. */
  async #closeListener(): Promise<void> {
    try {
      await this.#listener[Symbol.asyncDispose]();
    } catch (error) {
      if (!this.#life.signal.aborted && !(error instanceof HostLostError)) throw error;
    }
    await this.#serving;
  }

  /** Serves the port until its listener ends; the next start of the node opens another one. */
  async #serve(): Promise<void> {
    await this.#relay.serve(this.#listener).catch(() => {});
  }

  async #dial(signal: AbortSignal): Promise<HostConnection> {
    const { localPort: port } = this.#request;
    try {
      const connection = await this.#runner.network.dial({ transport: "tcp", port }, { signal });
      this.#inTrouble = false;
      return connection;
    } catch (error) {
      if (!signal.aborted) this.#tell(error);
      throw error;
    }
  }

  /** Warns once that nobody listens here, however often clients try again. */
  #tell(error: unknown): void {
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    const { name, backend, emit } = this.#context;
    const where = `node "${name}" (${backend})`;
    emit({
      type: "warning",
      message: `Cannot lead a connection of ${where} to port ${this.#request.localPort} of this ` +
        `machine, so it was reset: ${messageOf(error)}`,
    });
  }
}
