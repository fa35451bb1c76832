import { match, rejects } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { NodeLostError } from "../errors.ts";
import { local } from "../local/mod.ts";

Deno.test("a forward is disposed of although the network has swallowed what it dials", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  // Nobody accepts, and the queue of those who wait is full: the system drops what comes then.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr as Deno.NetAddr;
  using _first = await Deno.connect({ hostname: "127.0.0.1", port });
  using _second = await Deno.connect({ hostname: "127.0.0.1", port });
  const closed = Promise.withResolvers<string | undefined>();
  const opened = Promise.withResolvers<void>();
  using _subscription = cluster.events.subscribe((event) => {
    if (event.type === "tunnel-opened") opened.resolve();
    if (event.type === "tunnel-closed") closed.resolve(event.error);
  });
  const forward = await node.forward(port, { hostname: "127.0.0.1" });
  using client = await Deno.connect({ hostname: forward.hostname, port: forward.port });
  await opened.promise;
  await forward[Symbol.asyncDispose]();
  match(String(await closed.promise), /the forward was closed/);
  await rejects(client.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
});

Deno.test("forward() rejects when its port is taken, and when its node is gone", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port: localPort } = listener.addr as Deno.NetAddr;
  await rejects(node.forward(1, { localPort }), Deno.errors.AddrInUse);
  await node.destroy();
  await rejects(node.forward(1), NodeLostError);
});
