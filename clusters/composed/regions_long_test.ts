/**
 * One cluster over two regions of a local AWS, an engine and this machine.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { AwsServerProcess } from "../aws/testing/aws_server_process.ts";
import { AwsClients } from "../aws/testing/clients.ts";
import { deployStack } from "../aws/testing/deployed_stack.ts";
import { canBoot } from "../aws/testing/machines/requirement.ts";
import { Cluster } from "../cluster/mod.ts";
import { docker } from "../docker/mod.ts";
import { testImages } from "../docker/testing/engine.ts";
import { ec2 } from "../ec2/mod.ts";
import { setVariables } from "../ec2/testing/variables.ts";
import { local } from "../local/mod.ts";
import { currentRun } from "../ownership/mod.ts";
import { composed } from "./mod.ts";

/** Port of the services here. */
const PORT = 7000;

Deno.test({
  name:
    "nodes of two regions, of an engine and of this machine find each other, and all are given back",
  ignore: !await canBoot(),
  async fn() {
    await using server = await AwsServerProcess.start({ stack: true });
    using clients = new AwsClients(server, { region: "eu-central-1" });
    await deployStack(clients);
    using _variables = setVariables(server.env);
    const backend = composed({
      us: ec2({ region: "us-east-1" }),
      eu: ec2({ region: "eu-central-1" }),
      box: docker({ image: testImages.busybox }),
      here: local(),
    });
    {
      await using cluster = await Cluster.create(backend, { needs: { us: ["partition"] } });
      const nodes = await cluster.addNodes([
        { in: "us" },
        { in: "us" },
        { in: "eu" },
        { in: "box" },
        { in: "here" },
      ]);
      const [us, beside, eu, box, here] = nodes;
      deepStrictEqual(
        nodes.map(({ backend }) => backend),
        ["ec2", "ec2", "ec2", "docker", "local"],
      );
      deepStrictEqual(us.networks.map(({ id }) => id), beside.networks.map(({ id }) => id));
      strictEqual((await cluster.link(us, beside, PORT)).by, "network");

      await using service = await eu.listen({ port: PORT, hostname: "0.0.0.0" });
      await using links = new AsyncDisposableStack();
      for (const from of [us, box, here]) {
        const link = links.use(
          await cluster.link(from, eu, PORT, { relay: true, hosts: from !== here }),
        );
        const hostname = from === here ? link.hostname : eu.name;
        await using client = await from.connect({ hostname, port: link.port });
        await using accepted = await service.accept();
        await accepted.write(new TextEncoder().encode("found"));
        await accepted.closeWrite();
        strictEqual(await client.readable.text(), "found");
      }

      // Packets within a region, and what is relayed between the others.
      await using cut = await cluster.faults.partition([us, [beside, eu, box]]);
      const pairs = cut.proof!.checks.filter(({ expected }) => expected === "dropped")
        .map(({ from, to }) => [from, to].sort().join("-"));
      deepStrictEqual([...new Set(pairs)].sort(), ["node1-node2", "node1-node3", "node1-node4"]);
      await cut.heal();

      // One region has no room for what another one has: none is left of either.
      const tooMany = [{ in: "eu" }, { in: "us", instanceType: "no.such" }] as const;
      await rejects(cluster.addNodes(tooMany), (error: Error) => {
        match(error.message, /^Cannot add nodes in "us": /);
        return true;
      });
      strictEqual(cluster.nodes.length, nodes.length);
    }
    const { found } = await backend.sweep({ run: currentRun().id, dryRun: true });
    deepStrictEqual(found, []);
  },
});
