import { rejects } from "node:assert/strict";
import { HostLostError } from "../../agent/client/host_lost_error.ts";
import type { Host, HostConnection } from "../../agent/host/host.ts";
import type { LossReason } from "../kit/backend.ts";
import { AuthorCall } from "../calls/author_call.ts";
import { NodeLife } from "../calls/node_life.ts";
import { NodeFetch } from "./node_fetch.ts";

const ADDRESS: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };

/** How much of an answer comes before the host is lost. */
const PARTS = {
  "before the answer": "",
  "in the body": "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf!",
};

/** A connection that answers `text` to a request and then breaks, of which it tells. */
function breakingConnection(text: string, onBroken: () => void): HostConnection {
  const parts = text === "" ? [] : [new TextEncoder().encode(text)];
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  return {
    localAddr: ADDRESS,
    remoteAddr: ADDRESS,
    readable: new ReadableStream({
      async pull(controller) {
        await asked;
        const part = parts.shift();
        if (part) return controller.enqueue(part);
        controller.error(new HostLostError("the connection broke"));
        onBroken();
      },
    }, { highWaterMark: 0 }),
    writable: new WritableStream({ write: () => ask() }),
    reset: () => Promise.resolve(),
    closed: new Promise<void>(() => {}),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

for (const [when, text] of Object.entries(PARTS)) {
  Deno.test(`fetch() rejects with NodeLostError ${when}, though its connection breaks before the reason is known`, async () => {
    const { promise: reason, resolve } = Promise.withResolvers<LossReason>();
    // Long enough for whoever does not wait for the reason.
    const tell = () => setTimeout(() => resolve({ summary: "its container has ended" }), 100);
    const dial = () => Promise.resolve(breakingConnection(text, tell));
    const nodeLife = new NodeLife({ node: "node1", backend: "docker" }, reason);
    await using fetch = new NodeFetch({
      name: "node1",
      backend: "docker",
      testFailed: new AbortController().signal,
      nodeLife,
      life: nodeLife.current,
      emit: () => {},
      env: {},
      nextId: () => 1,
      host: () => ({ network: { dial } }) as unknown as Host,
    });
    const call = new AuthorCall(fetch.fetch);
    const answering = fetch.fetch(call, "http://localhost/").then((response) => response.text());
    await rejects(answering, {
      name: "NodeLostError",
      message: /ode "node1" \(docker\) was lost: its container has ended$/,
    });
  });
}
