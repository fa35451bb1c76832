import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { composed } from "../composed/mod.ts";
import { MissingAbilityError } from "../errors.ts";
import { FaultProofError } from "../faults/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { LinkGate } from "./link_gate.ts";
import { elsewhere } from "./testing/elsewhere.ts";
import {
  connectBy,
  next,
  PORT,
  testParted as test,
  text,
  unlessSilent,
} from "./testing/parted_nodes.ts";

const ignore = Deno.build.os !== "linux";

test("a partition holds what is relayed, and nothing of it is lost when it heals", async (scene) => {
  const { cluster, here, beside, away } = scene;
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  await using control = await cluster.link(beside, away, PORT);
  const [near, far] = await connectBy(link, service);
  const cut = await cluster.faults.partition([here, away]);
  const shown = cut.proof!.checks.map(({ from, to, expected, arrived }) =>
    [from, to, expected, arrived].join(" ")
  );
  deepStrictEqual(shown.sort(), [
    "node1 node3 dropped 0",
    "node2 node3 arrived 1",
    "node3 node1 dropped 0",
    "node3 node2 arrived 1",
  ]);
  await near.write(text("there"));
  await far.write(text("back"));
  await far.closeWrite();
  const comings = [next(far), next(near)];
  // A connection that is made now waits; one from elsewhere passes meanwhile.
  const late = await here.connect({ hostname: link.hostname, port: link.port });
  const [other, otherFar] = await connectBy(control, service);
  await other.write(text("passes"));
  strictEqual(await next(otherFar), "passes");
  strictEqual(await unlessSilent(comings[0]!, Promise.resolve()), "silence");
  strictEqual(await unlessSilent(comings[1]!, Promise.resolve()), "silence");
  await cut.heal();
  deepStrictEqual(await Promise.all(comings), ["there", "back"]);
  strictEqual(await next(near), "end");
  await using _accepted = await service.accept();
  for (const each of [near, far, late, other, otherFar]) await each[Symbol.asyncDispose]();
});

test("block() holds one way of what is relayed", async ({ cluster, here, away }) => {
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  const [near, far] = await connectBy(link, service);
  const cut = await cluster.faults.block({ from: here, to: away });
  deepStrictEqual(cut.proof!.checks.map(({ from, to }) => [from, to]), [
    ["node1", "node3"],
    // Another node's ways are not concerned.
    ["node2", "node3"],
    ["node3", "node2"],
  ]);
  await near.write(text("held"));
  const coming = next(far);
  await far.write(text("passes"));
  strictEqual(await next(near), "passes");
  strictEqual(await unlessSilent(coming, Promise.resolve()), "silence");
  await cut.heal();
  strictEqual(await coming, "held");
  for (const each of [near, far]) await each[Symbol.asyncDispose]();
});

test("a partition of a port concerns the links to that port", async ({ cluster, here, away }) => {
  await using one = await away.listen({ port: PORT });
  await using two = await away.listen({ port: PORT + 1 });
  await using link = await cluster.link(here, away, PORT);
  await using free = await cluster.link(here, away, PORT + 1);
  const ends = await connectBy(link, one);
  const others = await connectBy(free, two);
  await using cut = await cluster.faults.partition([here, away], { port: PORT });
  ok(cut.proof!.checks.some(({ expected }) => expected === "arrived"));
  await ends[0].write(text("held"));
  const coming = next(ends[1]);
  await others[0].write(text("passes"));
  strictEqual(await next(others[1]), "passes");
  strictEqual(await unlessSilent(coming, Promise.resolve()), "silence");
  await cut.heal();
  strictEqual(await coming, "held");
  for (const each of [...ends, ...others]) await each[Symbol.asyncDispose]();
});

test("what one end says of its end does not pass a partition, until that heals", async (scene) => {
  const { cluster, here, away } = scene;
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  const [near, far] = await connectBy(link, service);
  const cut = await cluster.faults.partition([here, away]);
  await near[Symbol.asyncDispose]();
  const coming = next(far).catch(() => "end");
  await away.hostname();
  strictEqual(await unlessSilent(coming, Promise.resolve()), "silence");
  await cut.heal();
  strictEqual(await coming, "end");
  await far[Symbol.asyncDispose]();
});

test("links and nodes that come while a partition is there are concerned, too", async (scene) => {
  const { cluster, here, away } = scene;
  const cut = await cluster.faults.isolate(away);
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  const late = await cluster.addNode();
  await using lateLink = await cluster.link(late, away, PORT);
  const waiting = await Promise.all(
    [link, lateLink].map(({ from, hostname, port }) => from.connect({ hostname, port })),
  );
  const accepting = service.accept();
  await away.hostname();
  strictEqual(await unlessSilent(accepting, Promise.resolve()), "silence");
  await cut.heal();
  for (const each of [await accepting, await service.accept()]) await each[Symbol.asyncDispose]();
  for (const each of waiting) await each[Symbol.asyncDispose]();
});

test("two faults of one link add up, and each ends alone", async ({ cluster, here, away }) => {
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  const one = await cluster.faults.partition([here, away]);
  const two = await cluster.faults.isolate(away);
  await using client = await here.connect({ hostname: link.hostname, port: link.port });
  const accepting = service.accept();
  await one.heal();
  deepStrictEqual([one.isHealed, two.isHealed], [true, false]);
  strictEqual(await unlessSilent(accepting, Promise.resolve()), "silence");
  await two.heal();
  await using accepted = await accepting;
  await client.write(text("hi"));
  strictEqual(await next(accepted), "hi");
});

test("a partition whose relays let pass is not shown, and undone", async ({ cluster, here, away }) => {
  const { passage } = LinkGate.prototype;
  LinkGate.prototype.passage = () => undefined;
  try {
    await rejects(cluster.faults.partition([here, away]), (error: FaultProofError) => {
      match(
        error.message,
        /from node1 to node3 .* over tcp, to be dropped: 1 sent, 1 arrived, 0 dropped/,
      );
      return error instanceof FaultProofError;
    });
  } finally {
    LinkGate.prototype.passage = passage;
  }
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  for (const end of await connectBy(link, service)) await end[Symbol.asyncDispose]();
});

test("a partition whose relays hold on is not healed, and that is told", async (scene) => {
  const { cluster, here, away } = scene;
  const cut = await cluster.faults.partition([here, away]);
  const { passage } = LinkGate.prototype;
  LinkGate.prototype.passage = (_, signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  try {
    await rejects(cut.heal(), FaultProofError);
  } finally {
    LinkGate.prototype.passage = passage;
  }
});

test("nodes that share a machine can be parted where the author has their links relayed", async (scene) => {
  const { cluster, here, beside } = scene;
  await rejects(cluster.faults.partition([here, beside]), MissingAbilityError);
  await using service = await beside.listen({ port: PORT });
  await using link = await cluster.link(here, beside, PORT, { relay: true });
  await using cut = await cluster.faults.partition([here, beside]);
  await using client = await here.connect({ hostname: link.hostname, port: link.port });
  const accepting = service.accept();
  await here.hostname();
  strictEqual(await unlessSilent(accepting, Promise.resolve()), "silence");
  await cut.heal();
  await using accepted = await accepting;
  await client.write(text("hi"));
  strictEqual(await next(accepted), "hi");
});

test("nodes that share a machine are parted as long as a link of theirs is relayed, or a fault holds it", async (scene) => {
  const { cluster, here, beside } = scene;
  const link = await cluster.link(here, beside, PORT, { relay: true });
  const other = await cluster.link(beside, here, PORT, { relay: true });
  await link[Symbol.asyncDispose]();
  const cut = await cluster.faults.isolate(here);
  await other[Symbol.asyncDispose]();
  // It is concerned once there is a link.
  const late = await cluster.addNode();
  ok(cut.proof!.open!.some(({ from, to }) => from === here.name && to === late.name));
  await using service = await late.listen({ port: PORT });
  await using held = await cluster.link(here, late, PORT, { relay: true });
  await using client = await here.connect({ hostname: held.hostname, port: held.port });
  const accepting = service.accept();
  await late.hostname();
  strictEqual(await unlessSilent(accepting, Promise.resolve()), "silence");
  await cut.heal();
  await using accepted = await accepting;
  await client.write(text("hi"));
  strictEqual(await next(accepted), "hi");
  await rejects(cluster.faults.partition([here, beside]), MissingAbilityError);
});

Deno.test({
  name:
    "a partition is refused where a link goes by a public address, and none does while it is there",
  ignore,
  async fn() {
    const open = elsewhere(loopback(), ({ address }) => ({ networks: [], publicAddress: address }));
    await using cluster = await Cluster.create(composed({ here: local(), open }));
    const [here, away] = await cluster.addNodes([{}, { in: "open" }]);
    await using _service = await away.listen({ port: PORT });
    const link = await cluster.link(here, away, PORT);
    strictEqual(link.by, "public");
    await rejects(
      cluster.faults.partition([here, away]),
      /between "node1" and "node2": there is a link by a public address/,
    );
    await link[Symbol.asyncDispose]();
    await using _cut = await cluster.faults.partition([here, away]);
    await using relayed = await cluster.link(here, away, PORT);
    strictEqual(relayed.by, "relay");
  },
});

test("a partition of UDP has nothing to show of what is relayed", async (scene) => {
  const { cluster, here, away } = scene;
  await using cut = await cluster.faults.partition([here, away], { protocol: "udp" });
  deepStrictEqual(cut.proof!.checks, []);
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  for (const end of await connectBy(link, service)) await end[Symbol.asyncDispose]();
});

test("a partition is there while one of its nodes is down, paused, or gone", async (scene) => {
  const { cluster, here, beside, away } = scene;
  await beside.pause();
  const cut = await cluster.faults.partition([[here, beside], away]);
  deepStrictEqual(
    new Set(cut.proof!.checks.map(({ from }) => from)),
    new Set(["node1", "node3"]),
  );
  await beside.resume();
  await away.kill();
  await away.start();
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  await using client = await here.connect({ hostname: link.hostname, port: link.port });
  const accepting = service.accept();
  await beside.destroy();
  await away.hostname();
  strictEqual(await unlessSilent(accepting, Promise.resolve()), "silence");
  await cut.heal();
  await using accepted = await accepting;
  await client.write(text("hi"));
  strictEqual(await next(accepted), "hi");
});
