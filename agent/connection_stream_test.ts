import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { ConnectionStream } from "./connection_stream.ts";

/** Bytes that take many reads and writes. */
const BIG = 3_000_000;

/** Two ends of a connection. */
interface Ends extends Disposable {
  readonly near: Deno.TcpConn;
  readonly far: Deno.TcpConn;
}

async function connected(): Promise<Ends> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const [near, far] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  return { near, far, [Symbol.dispose]: () => [near, far].forEach(closeQuietly) };
}

/** All that comes until the other end says that it sends no more. */
async function received(connection: Deno.Conn): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const chunk = new Uint8Array(65_536);
    const count = await connection.read(chunk);
    if (count === null) return await new Blob(chunks).bytes();
    chunks.push(chunk.subarray(0, count));
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // The stream has closed it.
  }
}

Deno.test("ConnectionStream carries bytes of any number both ways, and ends each way by itself", async () => {
  using ends = await connected();
  const stream = new ConnectionStream(ends.near);
  const sent = crypto.getRandomValues(new Uint8Array(65_536));
  const big = new Uint8Array(BIG).map((_, i) => sent[i % sent.length]!);
  stream.end(big);
  deepStrictEqual(await received(ends.far), big);
  // The other way is open still.
  await ends.far.write(new TextEncoder().encode("and back"));
  await ends.far.closeWrite();
  strictEqual(await text(stream), "and back");
  await finished(stream);
});

Deno.test("ConnectionStream closes its connection when it is destroyed, also one that was closed", async () => {
  using ends = await connected();
  const stream = new ConnectionStream(ends.near);
  stream.resume();
  stream.destroy();
  await once(stream, "close");
  strictEqual(await ends.far.read(new Uint8Array(1)), null);
  await rejects(ends.near.read(new Uint8Array(1)), Deno.errors.BadResource);
  const other = new ConnectionStream(ends.near);
  other.destroy();
  await once(other, "close");
});

Deno.test("ConnectionStream fails when its connection does", async () => {
  using ends = await connected();
  const stream = new ConnectionStream(ends.near);
  ends.near.close();
  const failure = once(stream, "error");
  stream.resume();
  ok((await failure)[0] instanceof Deno.errors.BadResource);
});

Deno.test("ConnectionStream is read only when its gate lets it be, and opens the gate at its end", async () => {
  using ends = await connected();
  const gate = Promise.withResolvers<void>();
  const calls: string[] = [];
  const stream = new ConnectionStream(ends.near, {
    passed: async () => {
      calls.push("asked");
      await gate.promise;
      calls.push("passed");
    },
    open: () => void calls.push("opened"),
  });
  await ends.far.write(new TextEncoder().encode("late"));
  const data = once(stream, "data").then(([bytes]) => calls.push(`read ${bytes}`));
  deepStrictEqual(calls, []);
  await new Promise((go) => setTimeout(go, 0));
  deepStrictEqual(calls, ["asked"]);
  gate.resolve();
  await data;
  stream.destroy();
  await once(stream, "close");
  deepStrictEqual([...new Set(calls)], ["asked", "passed", "read late", "opened"]);
});
