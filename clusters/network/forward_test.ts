import { match, rejects } from "node:assert/strict";
import { closeAndRelease } from "../../agent/host/sockets/released_port.ts";
import { Cluster } from "../cluster/mod.ts";
import { unusualPort } from "../conformance/unusual_port.ts";
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

Deno.test("what a forward has let through is reset, for the reason that its node is down", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  await using listener = await node.listen({ port: 0 });
  await using forward = await node.forward((listener.addr as Deno.NetAddr).port);
  const closed = Promise.withResolvers<string | undefined>();
  using _subscription = cluster.events.subscribe((event) => {
    if (event.type === "tunnel-closed") closed.resolve(event.error);
  });
  using client = await Deno.connect({ hostname: forward.hostname, port: forward.port });
  await listener.accept();
  await node.kill();
  match(String(await closed.promise), /its node is down/);
  await rejects(client.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
});

Deno.test("start() succeeds though the port of a forward was taken meanwhile, and a warning says so", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  const warnings: string[] = [];
  using _subscription = cluster.events.subscribe((event) => {
    if (event.type === "warning") warnings.push(event.message);
  });
  await using forward = await node.forward(1, { localPort: unusualPort() });
  const { hostname, port } = forward;
  await node.kill();
  // What has asked for this very port may have it.
  const listener = Deno.listen({ hostname, port });
  try {
    await node.start();
  } finally {
    await closeAndRelease(listener.addr, () => listener.close());
  }
  match(warnings.join(), new RegExp(`^Cannot open port ${port} again, .*Make another forward$`));
  await rejects(Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
  await node.restart();
  using _client = await Deno.connect({ hostname, port });
});
