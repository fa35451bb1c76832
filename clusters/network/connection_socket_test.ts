import { strictEqual } from "node:assert/strict";
import type { HostConnection } from "../../agent/host/host.ts";
import { ConnectionSocket } from "./connection_socket.ts";

/** A connection on which nothing comes, and that takes a moment to be reset. */
function quietConnection(onReset: (reason: unknown) => void): HostConnection {
  const address = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  return {
    ...{ localAddr: address, remoteAddr: address },
    closed: Promise.resolve(),
    readable: new ReadableStream(),
    writable: new WritableStream(),
    reset: (reason) => Promise.resolve().then(() => onReset(reason)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("an error that no request listens for resets the connection, and ends no process", async () => {
  const error = new Error("late");
  let reason: unknown;
  const socket = new ConnectionSocket(quietConnection((given) => reason = given));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.destroy(error);
  // An error that is not caught fails this file.
  await closed;
  strictEqual(reason, error);
});
