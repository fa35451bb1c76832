import type { Duplex } from "node:stream";
import { isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { connectTcp } from "../../../agent/connect_tcp.ts";
import { ConnectionStream } from "../../../agent/connection_stream.ts";
import { proxyFromEnvironment, type Target, targetOf } from "./choose_proxy.ts";
import type { Credentials } from "./credentials.ts";
import type { FoundCluster } from "./find_cluster.ts";
import type { ReadGate } from "./read_gate.ts";

/** How a connection to an API server is made. */
export interface ConnectOptions {
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  /** Says when it is read. @default always */
  readonly gate?: ReadGate | undefined;
}

/** No connection has come about: nothing was sent that the server might have seen. */
export class UnreachedError extends Error {
  override readonly name = "UnreachedError";
}

/**
 * Opens a connection to an API server, by the proxy that the kubeconfig or the environment names.
 *
 * @throws {UnreachedError} if that fails; the reason of `signal` if that aborts.
 */
export async function connect(
  { server, proxy }: FoundCluster,
  { credentials, signal, gate }: ConnectOptions,
): Promise<Duplex> {
  const target = targetOf(server);
  let connection: Deno.Conn;
  try {
    connection = await connectTo(target, proxy, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new UnreachedError((cause as Error).message, { cause });
  }
  const stream = new ConnectionStream(connection, gate);
  return target.secure ? await secured(stream, { target, credentials, signal }) : stream;
}

async function connectTo(
  target: Target,
  proxy: URL | undefined,
  signal: AbortSignal,
): Promise<Deno.Conn> {
  const way = proxy ?? proxyFromEnvironment(target, (name) => Deno.env.get(name));
  if (way) {
    const { connectByProxy } = await import("./pass_proxy.ts");
    return await connectByProxy(way, target, signal);
  }
  const { hostname, port } = target;
  const connection = await connectTcp({ hostname, port, signal });
  connection.setNoDelay(true);
  connection.setKeepAlive(true);
  return connection;
}

interface SecuredOptions extends Pick<ConnectOptions, "credentials" | "signal"> {
  readonly target: Target;
}

function secured(
  stream: Duplex,
  { target: { hostname }, credentials: { tls }, signal }: SecuredOptions,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    // An address is no name that could be asked for; it is compared with the certificate all the same.
    const servername = tls.servername ?? (isIP(hostname) ? undefined : hostname);
    const socket = connectTls({ ...tls, host: hostname, servername, socket: stream });
    const abort = () => {
      socket.destroy();
      stream.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    const settle = () => signal.removeEventListener("abort", abort);
    socket.once("secureConnect", () => {
      settle();
      resolve(socket);
    });
    socket.on("error", (cause: Error) => {
      settle();
      stream.destroy();
      reject(new UnreachedError(cause.message, { cause }));
    });
  });
}

/** Whether the certificate of the server, or that of the runner, was not accepted. */
export function isRefusedCertificate(error: unknown): boolean {
  return error instanceof UnreachedError &&
    /certificate|altnames|self.signed|handshake|alert/i.test(error.message);
}
