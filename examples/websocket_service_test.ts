/**
 * Three NATS servers are one cluster, and clients of this machine speak to two of them by WebSockets:
 * what one client publishes, the other one gets. The program is sent to the nodes, which need no more
 * than the C library.
 */
import { deepStrictEqual } from "node:assert/strict";
import { existsSync } from "node:fs";
import { clusterTest, eventually, type Forward } from "@clustertest/clustertest";

/** From Debian's package `nats-server`. */
const PROGRAM = "/usr/sbin/nats-server";

/** What a server at `address` is told: whom it joins, and that it speaks by WebSockets. */
const configuration = (address: string, first: string) => `
  listen: "${address}:4223"
  websocket { listen: "${address}:8080", no_tls: true }
  cluster { name: "news", listen: "${address}:6222", routes: ["nats://${first}:6222"] }
`;

/** A client by the `WebSocket` that every browser has. */
async function connect({ hostname, port }: Forward, lines: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${hostname}:${port}`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => void lines.push(...new TextDecoder().decode(data).split("\r\n"));
  await new Promise((resolve, reject) => [socket.onopen, socket.onerror] = [resolve, reject]);
  socket.send("CONNECT {}\r\n");
  return socket;
}

Deno.test({
  name: "what is published at one server reaches who listens at another",
  ignore: !existsSync(PROGRAM),
  fn: clusterTest(async (cluster) => {
    const [first, , third] = await cluster.addNodes(3);
    await cluster.each(async (node) => {
      await node.upload(PROGRAM, "nats-server");
      await node.writeTextFile("nats.conf", configuration(node.address, first.address));
      const server = await node.spawn("./nats-server", ["-c", "nats.conf"], { essential: true });
      await node.waitForPort(8080, { while: server });
    });

    await using forwards = await cluster.forwards(8080);
    const heard: string[] = [];
    const listener = await connect(forwards.of(first), heard);
    listener.send("SUB news 1\r\n");
    const publisher = await connect(forwards.of(third));
    // Servers find each other while the test goes on: what is published before that reaches nobody.
    await eventually(() => {
      publisher.send("PUB news 5\r\nhello\r\n");
      deepStrictEqual(heard.filter((line) => line === "hello").slice(0, 1), ["hello"]);
    });
    for (const socket of [listener, publisher]) {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    }
  }),
});
