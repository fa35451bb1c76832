import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { composed } from "../composed/mod.ts";
import { local } from "../local/mod.ts";
import { docker } from "./backend.ts";
import { haveEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

const image = testImages.busybox;

Deno.test({
  name: "a partition drops packets between containers, and holds what is relayed, at the same time",
  ignore,
  async fn() {
    const backend = composed({ box: docker({ image }), here: local() });
    await using cluster = await Cluster.create(backend);
    const [one, two, away, other] = await cluster.addNodes([
      { in: "box" },
      { in: "box" },
      { in: "here" },
      { in: "here" },
    ]);
    await using service = await one.listen({ port: 80 });
    await using link = await cluster.link(away, one, 80);
    await using cut = await cluster.faults.partition([one, [two, away]]);
    const { checks } = cut.proof!;
    const shown = (expected: string) =>
      new Set(
        checks.filter((check) => check.expected === expected).map(({ from, to, protocol }) =>
          `${from} ${to} ${protocol}`
        ),
      );
    deepStrictEqual(
      shown("dropped"),
      new Set([
        "node1 node2 udp",
        "node1 node2 tcp",
        "node2 node1 udp",
        "node2 node1 tcp",
        "node1 node3 tcp",
        "node3 node1 tcp",
      ]),
    );
    ok(shown("arrived").has("node1 node4 tcp"));
    await using client = await away.connect({ hostname: link.hostname, port: link.port });
    await cut.heal();

    const way = { from: other, to: one };
    // Without it, nothing is relayed between the two, and nothing could be late.
    await using _linked = await cluster.link(other, one, 80);
    await using late = await cluster.faults.shape(
      { from: [two, other], to: one },
      { latency: 100, port: 81 },
    );
    deepStrictEqual(
      late.proof!.measurements!.map(({ from, quantity, asked }) => [from, quantity, asked]).sort(),
      [["node2", "latency", 100], ["node4", "latency", 100]],
    );
    await rejects(cluster.faults.shape(way, { loss: 0.5 }), /streams of bytes, and loss is one/);

    await using accepted = await service.accept();
    await using beside = await two.connect({ hostname: one.address, port: 80 });
    await using another = await service.accept();
    deepStrictEqual(
      [client, accepted, beside, another].map(({ remoteAddr }) => remoteAddr.transport),
      Array(4).fill("tcp"),
    );
    strictEqual(other.signal.aborted, false);
  },
});

Deno.test({
  name: "containers of two members are linked through the runner, by name where that is asked",
  ignore,
  async fn() {
    const backend = composed({ one: docker({ image }), two: docker({ image }), here: local() });
    await using cluster = await Cluster.create(backend);
    const [client, peer, server, nobody, host] = await cluster.addNodes([
      { in: "one" },
      { in: "one" },
      { in: "two", name: "server" },
      { in: "two", user: "1000:1000" },
      { in: "here" },
    ]);
    deepStrictEqual(client.networks[0]!.id, peer.networks[0]!.id);
    await using beside = await cluster.link(client, peer, 80);
    deepStrictEqual([beside.by, beside.hostname], ["network", peer.address]);

    await using service = await server.listen({ port: 80, hostname: "0.0.0.0" });
    const before = await client.readTextFile("/etc/hosts");
    for (const from of [client, host]) {
      const hosts = from === client;
      await using link = await cluster.link(from, server, 80, { hosts });
      strictEqual(link.by, "relay");
      const hostname = hosts ? "server" : link.hostname;
      await using connection = await from.connect({ hostname, port: link.port });
      await using accepted = await service.accept();
      await accepted.write(new TextEncoder().encode("found"));
      await accepted.closeWrite();
      strictEqual(await connection.readable.text(), "found");
    }
    strictEqual(await client.readTextFile("/etc/hosts"), before);

    // Two links of one pair have one line, which goes with the second.
    const links = await Promise.all(
      [80, 81].map((port) => cluster.link(client, server, port, { hosts: true })),
    );
    const lines = async () =>
      (await client.readTextFile("/etc/hosts")).split("\n").filter((line) => / server /.test(line));
    strictEqual((await lines()).length, 1);
    await links[0]![Symbol.asyncDispose]();
    strictEqual((await lines()).length, 1);
    await links[1]![Symbol.asyncDispose]();
    deepStrictEqual(await lines(), []);

    await rejects(cluster.link(nobody, client, 80, { hosts: true }), (error: Error) => {
      ok(
        /Cannot change \/etc\/hosts of node "node\d" \(docker\): .*user: "root"/.test(
          error.message,
        ),
      );
      return error instanceof Deno.errors.PermissionDenied;
    });
  },
});
