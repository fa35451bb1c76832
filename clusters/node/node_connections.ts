import {
  describeTarget,
  Forward,
  type ForwardOptions,
  listenOn,
  NodeConnection,
  type NodeFetch,
  NodeListener,
  ReverseForward,
  type ReverseForwardOptions,
} from "../network/mod.ts";
import { AuthorCall, type NodeCallOptions, type NodeContext } from "../calls/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { NodeFiles, publicUrl } from "../files/mod.ts";
import { checkPort } from "./check_port.ts";
import { addressOf, type ConnectOptions, type ListenOptions, targetOf } from "./connect_options.ts";
import { WAIT_FOR_HTTP_KINDS, waitForHttp, type WaitForHttpOptions } from "./wait_for_http.ts";
import { WAIT_FOR_PORT_KINDS, waitForPort, type WaitForPortOptions } from "./wait_for_port.ts";

const FORWARD_KINDS: OptionKinds<ForwardOptions> = {
  hostname: kinds.text,
  localPort: kinds.number(),
};

const REVERSE_FORWARD_KINDS: OptionKinds<ReverseForwardOptions> = {
  hostname: kinds.text,
  port: kinds.number(),
  signal: kinds.signal,
};

/**
 * The connections of a node: those that the node makes and takes, ports that lead to others, requests, and
 * waits for services. `Node` extends it, as this extends {@linkcode NodeFiles}.
 */
export abstract class NodeConnections extends NodeFiles {
  readonly #context: NodeContext;
  readonly #fetch: NodeFetch;

  /** @ignore */
  constructor(context: NodeContext, fetch: NodeFetch) {
    super(context);
    this.#context = context;
    this.#fetch = fetch;
  }

  /** The host name that the node's operating system has at this moment. */
  async hostname(options?: NodeCallOptions): Promise<string> {
    const { life, host } = this.#context;
    return await life.during(
      new AuthorCall(this.hostname, { options }),
      (signal) => host().network.hostname({ signal }),
    );
  }

  /**
   * Opens a connection from the node. Rejects as `Deno.connect` does.
   *
   * Without `hostname` it connects to the node itself: at its own address, or at its 127.0.0.1 or ::1.
   * Nodes of `local` and `loopback` share the latter with their machine. There it connects only to sockets
   * at which processes of the node listen; at one of another process it rejects with `ConnectionRefused`,
   * and says whose it is. On macOS it connects to 127.0.0.1, whoever listens there.
   */
  async connect(options: ConnectOptions): Promise<NodeConnection> {
    const { name: node, life, emit, host } = this.#context;
    const call = new AuthorCall(this.connect, { options, ...addressOf(options) });
    const target = call.check(() => targetOf(options));
    const connection = await life.during(
      call,
      (signal) => host().network.dial(target, { signal }),
    );
    const tunnel = `tunnel${this.#context.nextId()}`;
    const about = { node, tunnel };
    emit({ type: "tunnel-opened", ...about, target: describeTarget(target) });
    return new NodeConnection(connection, life, () => emit({ type: "tunnel-closed", ...about }));
  }

  /** Opens a listener on the node, whose connections arrive in the test. */
  async listen(options: ListenOptions): Promise<NodeListener> {
    const { life } = this.#context;
    const call = new AuthorCall(this.listen, { options, ...addressOf(options) });
    const target = call.check(() => targetOf(options));
    const listener = await life.during(
      call,
      (signal) => listenOn(this.#context, target, signal),
    );
    return new NodeListener(listener, life);
  }

  /**
   * Opens a port of this machine that leads to a port of the node, or of a host that the node can reach.
   * A connection that is closed or reset at one end is closed or reset at the other; one that the node
   * cannot make is reset.
   */
  async forward(port: number, options: ForwardOptions = {}): Promise<Forward> {
    const call = new AuthorCall(this.forward, { of: [port], options, kinds: FORWARD_KINDS });
    const { hostname, localPort = 0 } = options;
    call.check(() => {
      checkPort(port, 1);
      checkPort(localPort, 0);
    });
    const target = {
      transport: "tcp",
      port,
      ...hostname === undefined ? {} : { hostname },
    } as const;
    return await Forward.open(this.#context, call, { target, localPort });
  }

  /**
   * Opens a port of the node that leads to `port` of this machine, for servers that the test plays. Only
   * the node itself reaches it, and where nodes share a machine the others of that machine, unless
   * `hostname` says otherwise. The server here may be started after
   * this call, and started again.
   */
  async reverseForward(
    port: number,
    options: ReverseForwardOptions = {},
  ): Promise<ReverseForward> {
    const call = new AuthorCall(this.reverseForward, {
      of: [port],
      options,
      kinds: REVERSE_FORWARD_KINDS,
    });
    const { hostname, port: nodePort = 0 } = options;
    call.check(() => {
      checkPort(port, 1);
      checkPort(nodePort, 0);
    });
    const place = { transport: "tcp", port: nodePort } as const;
    return await ReverseForward.open(this.#context, call, {
      localPort: port,
      target: hostname === undefined ? { ...place, reach: "host" } : { ...place, hostname },
    });
  }

  /**
   * Makes an HTTP request from the test to a service on the node, over a connection that the node
   * opens. `localhost` is the node itself, and other names are resolved by the node. It uses no proxy,
   * whatever the environment says, and HTTP/1.1, also for `https:`, where the certificate is verified as
   * by the global `fetch`. The member `client` of `init` is ignored.
   *
   * Rejects with a `TypeError` whose `cause` says why, as "connection refused" or an unknown name.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await using listener = await node.listen({ port: 0 });
   * const response = node.fetch(`http://localhost:${(listener.addr as Deno.NetAddr).port}/`);
   * await using service = await listener.accept();
   * await service.read(new Uint8Array(1024)); // A client may drop an answer that precedes its request.
   * await service.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
   * strictEqual(await (await response).text(), "ok");
   * ```
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const url = publicUrl(input instanceof Request ? input.url : input);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    return this.#fetch.fetch(new AuthorCall(this.fetch, { of: [url], signal }), input, init);
  }

  /**
   * Waits until a connection from the node to one of its own ports, or to one of `hostname`, is accepted.
   * Rejects with a `TimeoutError` when the time is over, with a `ProcessEndedError` as soon as the process
   * of the option `while` has ended, and with the reason of `cluster.signal` when the test is over.
   *
   * ```ts
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await using listener = await node.listen({ port: 0 });
   * await node.waitForPort((listener.addr as Deno.NetAddr).port);
   * ```
   */
  async waitForPort(port: number, options: WaitForPortOptions = {}): Promise<void> {
    const { testFailed: over } = this.#context;
    const kinds = WAIT_FOR_PORT_KINDS;
    const call = new AuthorCall(this.waitForPort, {
      ...{ of: [port], options, kinds, over, isPlaced: true },
    });
    await waitForPort(this.#context, call, { port, options });
  }

  /**
   * Waits until an HTTP service answers with a status from 200 to 299, or with the one that is asked for.
   * Requests are made as by {@linkcode NodeConnections.fetch}, and redirects are not followed. A path such as
   * `"/health"` is asked of the node itself, at port 80. Rejects as {@linkcode NodeConnections.waitForPort} does.
   */
  async waitForHttp(url: string | URL, options: WaitForHttpOptions = {}): Promise<void> {
    const { testFailed: over } = this.#context;
    const [of, kinds] = [[publicUrl(url)], WAIT_FOR_HTTP_KINDS];
    const call = new AuthorCall(this.waitForHttp, {
      ...{ of, options, kinds, over, isPlaced: true },
    });
    await waitForHttp(this.#context, call, { fetch: this.#fetch, url, options });
  }
}
