import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../../agent/delay.ts";
import { Engine } from "./engine.ts";

const ANSWER = new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");

/** Answers whatever comes; resolves to the number of connections, once it listens no more. */
async function serve(listener: Deno.UnixListener): Promise<number> {
  const served: Promise<void>[] = [];
  for await (const connection of listener) served.push(answerAll(connection));
  await Promise.all(served);
  return served.length;
}

async function answerAll(connection: Deno.UnixConn): Promise<void> {
  using _ = connection;
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null) await connection.write(ANSWER);
}

Deno.test("an engine is called over fresh connections, for it may have closed others meanwhile", async () => {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "socket");
  const listener = Deno.listen({ transport: "unix", path });
  const connections = serve(listener);
  {
    await using engine = await Engine.connect({ kind: "unix", path });
    for (let calls = 0; calls < 3; calls++) {
      await engine.call({ what: "ping", method: "GET", path: "/_ping" });
      // A connection that is kept would be free again by then.
      await delay(20);
    }
  }
  listener.close();
  strictEqual(await connections, 3);
  await Deno.remove(dir, { recursive: true });
});
