import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { connectTcp } from "./connect_tcp.ts";

/** How often it is tried: of so many, Deno's own leaves some open. */
const ATTEMPTS = 2_000;

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
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const aborting = new AbortController();
    const timer = attempt % 2 ? setTimeout(() => aborting.abort()) : undefined;
    const connecting = connectTcp({ port, signal: aborting.signal });
    if (timer === undefined) queueMicrotask(() => aborting.abort());
    await connecting.then((connection) => {
      given++;
      connection.close();
    }, () => strictEqual(aborting.signal.aborted, true));
    clearTimeout(timer);
  }
  // All that came has ended: one that was forgotten would have no end.
  using last = await connectTcp({ port });
  last.close();
  await new Promise((resolve) => setTimeout(resolve));
  await Promise.all(listener.ends);
  strictEqual(given > 0, true, "none was quicker than its abort");
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
  listener.close();
  await rejects(connectTcp({ port }), Deno.errors.ConnectionRefused);
});
