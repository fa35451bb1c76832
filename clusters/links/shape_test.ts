import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { MissingAbilityError } from "../errors.ts";
import { FaultProofError } from "../faults/mod.ts";
import { LinkGate } from "./link_gate.ts";
import { connectBy, next, PORT, testParted as test, text } from "./testing/parted_nodes.ts";

test("shape() makes late what is relayed one way, and proves it until it is healed", async (scene) => {
  const { cluster, here, beside, away } = scene;
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  const [near, far] = await connectBy(link, service);
  const slow = await cluster.faults.shape({ from: here, to: away }, { latency: 300, jitter: 100 });
  const { checks, measurements } = slow.proof!;
  ok(
    checks.some(({ from, to, expected }) =>
      from === here.name && to === away.name && expected === "shaped"
    ),
  );
  // Another node's ways are not concerned.
  ok(checks.some(({ from, expected }) => from === beside.name && expected === "arrived"));
  deepStrictEqual(
    measurements!.map(({ from, to, quantity, asked }) => [from, to, quantity, asked]),
    [["node1", "node3", "latency", 300], ["node1", "node3", "jitter", 100]],
  );
  ok(measurements![0]!.measured >= 200);
  let started = performance.now();
  await near.write(text("late"));
  await near.closeWrite();
  strictEqual(await next(far), "late");
  ok(performance.now() - started >= 199);
  strictEqual(await next(far), "end");
  ok(performance.now() - started >= 199);

  started = performance.now();
  const late = await connectBy(link, service);
  ok(performance.now() - started >= 199);
  await slow.heal();
  await late[0].write(text("soon"));
  strictEqual(await next(late[1]), "soon");
  for (const each of [near, far, ...late]) await each[Symbol.asyncDispose]();
});

test("shape() lets so many bits pass a relayed link as it was asked to", async (scene) => {
  const { cluster, here, away } = scene;
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  await using slow = await cluster.faults.shape({ from: here, to: away }, { bandwidth: "2mbit" });
  const [measurement] = slow.proof!.measurements!;
  deepStrictEqual([measurement!.quantity, measurement!.asked], ["bandwidth", 2_000_000]);
  const both = await Promise.all([connectBy(link, service), connectBy(link, service)]);
  const started = performance.now();
  const content = crypto.getRandomValues(new Uint8Array(50_000));
  const received = await Promise.all(both.map(async ([near, far]) => {
    const sending = near.write(content.slice()).then(() => near.closeWrite());
    const bytes = await far.readable.bytes();
    await sending;
    return bytes;
  }));
  // Of both together: 800,000 bits.
  ok(performance.now() - started >= 350);
  for (const bytes of received) deepStrictEqual(bytes, content);
  for (const each of both.flat()) await each[Symbol.asyncDispose]();
});

test("shapes of a relayed link add up, each concerns its port, and what waits passes when one is healed", async (scene) => {
  const { cluster, here, away } = scene;
  await using service = await away.listen({ port: PORT });
  await using other = await away.listen({ port: PORT + 1 });
  await using link = await cluster.link(here, away, PORT);
  await using free = await cluster.link(here, away, PORT + 1);
  const [near, far] = await connectBy(link, service);
  const ends = await connectBy(free, other);
  const way = { from: here, to: away };
  await using one = await cluster.faults.shape(way, { latency: 100 });
  const two = await cluster.faults.shape(way, { latency: 60_000, port: PORT, proof: false });
  await using three = await cluster.faults.shape(way, { latency: 50, port: PORT + 1 });
  deepStrictEqual(three.proof!.measurements!.map(({ asked }) => asked), [150]);
  await near.write(text("waits"));
  await near.closeWrite();
  const coming = next(far);
  await ends[0].write(text("passes"));
  strictEqual(await next(ends[1]), "passes");
  strictEqual(await Promise.race([coming, Promise.resolve("silence")]), "silence");
  await two.heal();
  strictEqual(await coming, "waits");
  strictEqual(await next(far), "end");
  ok(!one.isHealed);
  for (const each of [near, far, ...ends]) await each[Symbol.asyncDispose]();
});

test("a relayed link that is late is reset at once when one of its nodes goes down", async (scene) => {
  const { cluster, here, away } = scene;
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  const [near, far] = await connectBy(link, service);
  await using _slow = await cluster.faults.shape(
    { from: away, to: here },
    { latency: 60_000, proof: false },
  );
  await far.write(text("never"));
  const ended = rejects(near.readable.text());
  await away.kill();
  await ended;
  await near[Symbol.asyncDispose]();
});

test("a shape whose relays are not late is not shown, and undone", async ({ cluster, here, away }) => {
  const { shapesOf } = LinkGate.prototype;
  LinkGate.prototype.shapesOf = () => [];
  try {
    await rejects(
      cluster.faults.shape({ from: here, to: away }, { latency: 200 }),
      (error: FaultProofError) => {
        match(error.message, /from node1 to node3 .*, latency of 200 was to be shown: /);
        return error instanceof FaultProofError;
      },
    );
  } finally {
    LinkGate.prototype.shapesOf = shapesOf;
  }
  await using service = await away.listen({ port: PORT });
  await using link = await cluster.link(here, away, PORT);
  for (const end of await connectBy(link, service)) await end[Symbol.asyncDispose]();
});

test("shape() refuses for relayed streams what is done to packets alone, and does nothing", async (scene) => {
  const { cluster, here, away } = scene;
  const way = { from: here, to: away };
  const packetsOnly = [
    ["loss", { loss: 0.1 }],
    ["duplicate", { duplicate: 0.1, latency: 20 }],
    ["reorder", { reorder: 0.1, latency: 20 }],
    ["corrupt", { corrupt: 0.1 }],
    ["distribution", { latency: 20, jitter: 5, distribution: "normal" }],
  ] as const;
  for (const [name, options] of packetsOnly) {
    await rejects(cluster.faults.shape(way, options), (error: MissingAbilityError) => {
      match(error.message, /from "node1" to "node3" the test relays streams of bytes/);
      ok(error.message.includes(`${name} is one of packets`));
      return error instanceof MissingAbilityError;
    });
  }
  await using udp = await cluster.faults.shape(way, { latency: 20, protocol: "udp" });
  deepStrictEqual([udp.proof!.checks, udp.proof!.measurements], [[], []]);
});
