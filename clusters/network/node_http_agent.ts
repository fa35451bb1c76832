import { Agent, type AgentOptions, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type { HostConnection } from "../../agent/host/host.ts";
import { ConnectionSocket } from "./connection_socket.ts";

/** The host and port of a request. */
export interface HttpTarget {
  readonly hostname: string;
  readonly port: number;
}

/** The options with which `node:http` asks its agent for a connection, and one of our own. */
export interface HttpConnectOptions extends ClientRequestArgs {
  /** Aborting gives up the connection that is being made for the request. */
  readonly dialSignal: AbortSignal;
}

/** Opens a connection for requests. */
export type HttpDial = (target: HttpTarget, signal: AbortSignal) => Promise<HostConnection>;

/**
 * Pools connections that a node opens. It ignores proxies that the environment names.
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
 * A socket that is destroyed with the request for which it was made. Without this, the agent would keep a
 * connection whose request was aborted before it got it.
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
