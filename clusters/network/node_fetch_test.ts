import { rejects, strictEqual } from "node:assert/strict";
import { HostLostError } from "../../agent/client/host_lost_error.ts";
import type { Host, HostConnection } from "../../agent/host/host.ts";
import type { LossReason } from "../kit/mod.ts";
import { AuthorCall } from "../calls/author_call.ts";
import { NodeLife } from "../calls/node_life.ts";
import { NodeFetch } from "./node_fetch.ts";

const ADDRESS: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };

/** How much of an answer comes before the host is lost. */
const PARTS = {
  "before the answer": "",
  "in the body": "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf!",
};

/** What becomes of a connection after its answer. */
interface ConnectionEvents {
  /** Called when more is read than there is. @default the connection stays open */
  readonly onEnd?: (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => void;
  readonly onClosed?: () => void;
}

/** A connection that answers `text` to a request. */
function answeringConnection(
  text: string,
  { onEnd, onClosed = () => {} }: ConnectionEvents,
): HostConnection {
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
        onEnd?.(controller);
      },
    }, { highWaterMark: 0 }),
    writable: new WritableStream({ write: () => ask() }),
    reset: () => Promise.resolve(onClosed()),
    closed: new Promise<void>(() => {}),
    [Symbol.asyncDispose]: () => Promise.resolve(onClosed()),
  };
}

/** What fetches over this connection from a node with this life. */
function fetchOver(connection: HostConnection, nodeLife: NodeLife): NodeFetch {
  const dial = () => Promise.resolve(connection);
  return new NodeFetch({
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
}

for (const [when, text] of Object.entries(PARTS)) {
  Deno.test(`fetch() rejects with NodeLostError ${when}, though its connection breaks before the reason is known`, async () => {
    const { promise: reason, resolve } = Promise.withResolvers<LossReason>();
    const connection = answeringConnection(text, {
      onEnd: (controller) => {
        controller.error(new HostLostError("the connection broke"));
        // Long enough for whoever does not wait for the reason.
        setTimeout(() => resolve({ summary: "its container has ended" }), 100);
      },
    });
    const nodeLife = new NodeLife({ node: "node1", backend: "docker" }, reason);
    await using fetch = fetchOver(connection, nodeLife);
    const call = new AuthorCall(fetch.fetch);
    const answering = fetch.fetch(call, "http://localhost/").then((response) => response.text());
    await rejects(answering, {
      name: "NodeLostError",
      message: /ode "node1" \(docker\) was lost: its container has ended$/,
    });
  });
}

Deno.test("fetch() closes the connections that it has kept open when its node is gone", async () => {
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole";
  const nodeLife = new NodeLife({ node: "node1", backend: "docker" }, new Promise(() => {}));
  const fetch = fetchOver(answeringConnection(answer, { onClosed }), nodeLife);
  const response = await fetch.fetch(new AuthorCall(fetch.fetch), "http://localhost/");
  strictEqual(await response.text(), "whole");
  nodeLife.end({ summary: "its container has ended" });
  await closed;
});
