import { Agent, type AgentOptions, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type { HostConnection } from "../../agent/host/host.ts";
import { ConnectionSocket } from "./connection_socket.ts";

/** Where a request goes to. */
export interface HttpTarget {
  readonly hostname: string;
  readonly port: number;
}

/** What a request tells its agent, besides what `node:http` knows. */
export interface HttpConnectOptions extends ClientRequestArgs {
  /** Aborting gives the connection up that is made for the request. */
  readonly dialSignal: AbortSignal;
}

/** Opens a connection for requests. */
export type HttpDial = (target: HttpTarget, signal: AbortSignal) => Promise<HostConnection>;

/**
 * Keeps connections that a node has opened, and gives each request one. Whatever the environment says
 * of proxies, no request is written for one.
 */
export class NodeHttpAgent extends Agent {
  readonly #dial: HttpDial;

  constructor(dial: HttpDial) {
    super({ keepAlive: true, proxyEnv: {} } as AgentOptions);
    this.#dial = dial;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { host, port, dialSignal } = options as HttpConnectOptions;
    this.#dial({ hostname: String(host), port: Number(port) }, dialSignal).then(
      (connection) => callback?.(null, socketFor(connection, dialSignal)),
      (error) => callback?.(error, undefined as unknown as Duplex),
    );
  }
}

/**
 * A connection that was made for a request which is given up goes with it. Without that, the agent
 * keeps one that has not reached its request yet.
 */
function socketFor(connection: HostConnection, signal: AbortSignal): ConnectionSocket {
  const socket = new ConnectionSocket(connection);
  const abort = () => void socket.destroy(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  const forget = () => signal.removeEventListener("abort", abort);
  socket.once("free", forget).once("close", forget);
  return socket;
}
