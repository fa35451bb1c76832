/** Where to connect to, and for how long to try. */
export interface ConnectTcpOptions {
  /** @default this machine's loopback */
  readonly hostname?: string | undefined;
  readonly port: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects as `Deno.connect()` does, and leaves nothing open when `signal` aborts: Deno's own forgets a
 * connection that has come about by then, and does not close it.
 *
 * @throws the reason of `signal` if that aborts.
 */
export async function connectTcp(
  { hostname, port, signal }: ConnectTcpOptions,
): Promise<Deno.TcpConn> {
  signal?.throwIfAborted();
  const ending = new AbortController();
  // Deno calls this when it has a connection, which nobody gets if it throws.
  ending.signal.throwIfAborted = () => {};
  const abort = () => ending.abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const target = { port, ...hostname !== undefined && { hostname } };
    const connection = await Deno.connect({ ...target, signal: ending.signal });
    if (!signal?.aborted) return connection;
    connection.close();
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  throw signal.reason;
}
