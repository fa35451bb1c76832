import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { HostConnection } from "../../agent/host/host.ts";
import { LocalConnection } from "../../agent/host/local_connection.ts";
import { loopbackPair } from "../../agent/host/loopback_pair.ts";
import { splice } from "./splice.ts";

Deno.test("splice() closes no connection whose host has not sent all that it was given", async () => {
  const [near, far] = await loopbackPair();
  const joined = new LocalConnection(far);
  const { promise: closed, resolve: sendTheRest } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const seen: string[] = [];
  const slow: HostConnection = {
    localAddr: joined.localAddr,
    remoteAddr: joined.remoteAddr,
    readable: new ReadableStream({ start: (controller) => controller.close() }),
    writable: new WritableStream({ close: end }),
    closed,
    reset: () => Promise.resolve(void seen.push("reset")),
    [Symbol.asyncDispose]: () => Promise.resolve(void seen.push("closed")),
  };
  const splicing = splice(joined, slow).then(() => seen.push("joined"));
  await near.closeWrite();
  strictEqual(await near.read(new Uint8Array(1)), null);
  await ended;
  await joined.closed;
  deepStrictEqual(seen, []);
  sendTheRest();
  await splicing;
  deepStrictEqual(seen, ["closed", "joined"]);
  near.close();
});
