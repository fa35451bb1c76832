import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { AnsweringServer, type SeenRequest } from "./testing/answering_server.ts";

const never = (): AbortSignal => new AbortController().signal;

/** Bytes that are sent to who does not read, and rounds of something else meanwhile. */
const [TOTAL, ROUNDS] = [64 * 1024 * 1024, 300];

const PORT = Uint8Array.of(7, 0x61, 0x1e);

/** Opens a forward to a server that does `onSocket` once it has begun both streams. */
async function forward(
  stack: AsyncDisposableStack,
  onSocket: (socket: WebSocket, request: SeenRequest) => void,
) {
  const server = stack.use(
    await AnsweringServer.open({
      protocol: "v4.channel.k8s.io",
      onSocket: (socket, request) => {
        socket.send(Uint8Array.of(0, ...PORT.subarray(1)));
        socket.send(Uint8Array.of(1, ...PORT.subarray(1)));
        onSocket(socket, request);
      },
    }),
  );
  const api = await server.api(stack);
  const connection = await api.dial({ pod: "p", port: 7_777, signal: never() });
  return { server, connection };
}

Deno.test("a forward carries bytes both ways, and ends with the other side", async () => {
  await using stack = new AsyncDisposableStack();
  const { server, connection } = await forward(stack, (socket) => {
    socket.on("message", (data: Uint8Array) => {
      socket.send(data);
      if (data.at(-1) === 33) socket.close();
    });
  });
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode("hello"));
  await writer.write(new TextEncoder().encode("!"));
  strictEqual(await new Response(connection.readable).text(), "hello!");
  await rejects(writer.write(new Uint8Array(1)), /The forward has ended/);
  const [{ path, query }] = server.seen as [SeenRequest];
  deepStrictEqual([path, String(query)], [
    "/api/v1/namespaces/tests/pods/p/portforward",
    "ports=7777",
  ]);
});

Deno.test("a forward says what the server says against it", async () => {
  await using stack = new AsyncDisposableStack();
  const { connection } = await forward(stack, (socket) => {
    socket.send(Uint8Array.of(1, ...new TextEncoder().encode("connection refused")));
    socket.close();
  });
  await rejects(new Response(connection.readable).text(), {
    message:
      'Cannot reach a port of pod "p": what leads to the port has failed: connection refused',
  });
});

Deno.test("a forward that is written to while it closes says why it does", async () => {
  await using stack = new AsyncDisposableStack();
  const { connection } = await forward(stack, (socket) => {
    socket.send(Uint8Array.of(1, ...new TextEncoder().encode("connection refused")));
    socket.close();
  });
  const reading = rejects(new Response(connection.readable).text(), /: connection refused$/);
  const writer = connection.writable.getWriter();
  const writing = (async () => {
    for (;;) await writer.write(new Uint8Array(1));
  })();
  await rejects(writing, /The forward has ended/);
  await reading;
});

Deno.test("a forward is read no faster than somebody takes what it brings", async () => {
  await using stack = new AsyncDisposableStack();
  let sent = 0;
  const piece = new Uint8Array(32 * 1024);
  const message = Uint8Array.of(0, ...piece);
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const { connection } = await forward(stack, (socket) => {
    const send = (): void =>
      socket.send(message, (error) => {
        if (error) return resolve();
        sent += piece.length;
        if (sent < TOTAL) send();
        else resolve();
      });
    send();
  });
  // All of it would be here long before so much has gone another way.
  const other = await forward(stack, (socket) => socket.on("message", (data) => socket.send(data)));
  const writer = other.connection.writable.getWriter();
  const reader = other.connection.readable.getReader();
  for (let round = 0; round < ROUNDS; round++) {
    await writer.write(piece);
    for (let count = 0; count < piece.length;) count += (await reader.read()).value!.length;
  }
  // What the kernel holds on the way has been taken, too.
  ok(sent < TOTAL / 2, `${sent} bytes were taken for nobody`);
  let received = 0;
  const bytes = connection.readable.getReader();
  while (received < TOTAL) received += (await bytes.read()).value!.length;
  await gone;
  strictEqual(received, TOTAL);
});

Deno.test("a forward that is reset ends at once, on both sides", async () => {
  await using stack = new AsyncDisposableStack();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { connection } = await forward(stack, (socket) => socket.on("close", () => resolve()));
  const reading = rejects(new Response(connection.readable).text(), { message: "enough" });
  await connection.reset(new Error("enough"));
  await reading;
  await closed;
});
