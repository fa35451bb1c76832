import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { setImmediate } from "node:timers";
import { connectTcp } from "./connect_tcp.ts";
import { freePort } from "./testing/free_port.ts";

/** How often it is tried: of so many, Deno's own leaves some open. */
const ATTEMPTS = 2_000;

/** Turns of the event loop after which an attempt is aborted, at most. */
const TURNS = 20;

/** Accepts connections, and counts those whose other end is open. */
class CountingListener implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly ends: Promise<unknown>[] = [];

  constructor() {
    (async () => {
      for await (const connection of this.#listener) this.ends.push(this.#untilEnd(connection));
    })();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async #untilEnd(connection: Deno.TcpConn): Promise<void> {
    using open = connection;
    await open.read(new Uint8Array(1)).catch(() => {});
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

Deno.test("connectTcp() leaves no connection open when it is aborted, whatever the moment", async () => {
  using listener = new CountingListener();
  const { port } = listener;
  let given = 0;
  // Until one was quicker than its abort, too.
  for (let attempt = 0; attempt < ATTEMPTS || given === 0; attempt++) {
    const aborting = new AbortController();
    const connecting = connectTcp({ port, signal: aborting.signal }).then((connection) => {
      given++;
      connection.close();
    }, () => strictEqual(aborting.signal.aborted, true));
    // Half of them are aborted before the first turn.
    const turns = Math.max(0, attempt % (2 * TURNS) - TURNS);
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    queueMicrotask(() => aborting.abort());
    await connecting;
  }
  // The last one ends here once it was accepted, and so have those before it.
  using last = await connectTcp({ port });
  await last.closeWrite();
  strictEqual(await last.read(new Uint8Array(1)), null);
  // All that came has ended: one that was forgotten would have no end.
  await Promise.all(listener.ends);
});

Deno.test("connectTcp() rejects with the reason of its signal, and else as Deno.connect() does", async () => {
  const reason = new Error("enough");
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await rejects(connectTcp({ port, signal: AbortSignal.abort(reason) }), reason);
  const aborting = new AbortController();
  const silent = connectTcp({ hostname: "192.0.2.1", port: 1, signal: aborting.signal });
  aborting.abort(reason);
  await rejects(silent, reason);
  using connection = await connectTcp({ port });
  deepStrictEqual(connection.remoteAddr.port, port);
  await rejects(connectTcp({ port: await freePort() }), Deno.errors.ConnectionRefused);
});
