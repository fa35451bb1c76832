import type { HostConnection } from "../../agent/host/host.ts";
import { LocalConnection } from "../../agent/host/local_connection.ts";
import { loopbackPair } from "../../agent/host/loopback_pair.ts";
import { splice, type SpliceOptions } from "./splice.ts";

/** How TLS is spoken. */
export interface TlsOptions extends SpliceOptions {
  /** The name that the server's certificate must have; it is verified as the runtime does. */
  readonly hostname: string;
}

/** A TLS connection. Closing it closes the pair of sockets behind it. */
class TlsConnection extends LocalConnection {
  readonly #joined: Promise<void>;

  constructor(tls: Deno.TlsConn, joined: Promise<void>) {
    super(tls);
    this.#joined = joined;
  }

  override get closed(): Promise<void> {
    return Promise.all([super.closed, this.#joined]).then(() => {});
  }

  override async reset(reason: unknown): Promise<void> {
    await super.reset(reason);
    await this.#joined;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#joined;
  }
}

/**
 * Speaks TLS over a connection, as its client.
 *
 * The runtime does that for its own sockets alone, so the bytes go through a pair of them. `node:tls`
 * takes any stream, but goes on reading when nobody takes what it has read.
 */
export async function tlsConnection(
  connection: HostConnection,
  { hostname, ...options }: TlsOptions,
): Promise<HostConnection> {
  const [near, far] = await loopbackPair();
  const joined = splice(new LocalConnection(far), connection, options).catch(() => {});
  let tls: Deno.TlsConn | undefined;
  try {
    tls = await Deno.startTls(near, { hostname, alpnProtocols: ["http/1.1"] });
    await tls.handshake();
    return new TlsConnection(tls, joined);
  } catch (error) {
    tls?.close();
    await connection.reset(error);
    await joined;
    throw error;
  }
}
