import { Agent } from "node:http";
import type { Duplex } from "node:stream";
import { ConnectionStream } from "../../../agent/connection_stream.ts";

/**
 * Connections of `node:http` to a Unix socket, made by `Deno.connect()`. Those of `node:net` close
 * their file descriptor twice in Deno 2.9, and the second time it may be another thread's file:
 * `strace -f -e trace=close` shows it.
 */
export class UnixAgent extends Agent {
  override createConnection(
    { socketPath }: { socketPath?: string | null | undefined },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const connecting = Deno.connect({ transport: "unix", path: socketPath! });
    connecting.then(
      (connection) => callback?.(null, new ConnectionStream(connection)),
      (error) => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}
