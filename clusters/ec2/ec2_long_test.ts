/**
 * What goes wrong on EC2, and what its options do, with a local AWS that the official SDK talks to.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { MissingAbilityError, NodeLostError } from "../errors.ts";
import type { ClusterEvent } from "../events/events.ts";
import { ec2 } from "./backend.ts";
import { canBoot } from "../aws/testing/machines/requirement.ts";
import type { RunRequest } from "./ec2_options.ts";
import { TestAccount } from "./testing/account.ts";
import { make, runs, testWith, ZONES } from "./testing/cases.ts";

const SERVER_PORT = 7000;

/** Says that it listens, and answers every connection, without the help of an agent. */
const SERVER = `
  use IO::Socket::INET;
  my $server = IO::Socket::INET->new(LocalPort => ${SERVER_PORT}, Listen => 5) or die $@;
  $| = 1;
  print "ready";
  while (my $client = $server->accept) { print $client "here"; close $client; }
`;

testWith("containers", !await canBoot(), {
  "nothing of the agent is left where processes see it": async () => {
    await using cluster = await make();
    const node = await cluster.addNode();
    const { stdout } = await node.run("env");
    deepStrictEqual(stdout.split("\n").filter((line) => /^(DENO|LD|NO_COLOR)/.test(line)), []);
    await rejects(node.stat("/clustertest/launch.json"), Deno.errors.NotFound);
  },

  "types with ARM processors get the agent for them, without being told": async (account) => {
    await using cluster = await make({ instanceType: "t4g.small", startTimeout: 300_000 });
    const node = await cluster.addNode();
    strictEqual(account.server.instance(node.id).spec.type.architecture, "arm64");
    // The programs of the image are this machine's; the agent is emulated.
    strictEqual(node.build.arch, "aarch64");
    await node.writeTextFile("here.txt", "emulated");
    strictEqual((await node.run("cat", ["here.txt"])).stdout, "emulated");
  },

  "kill() resolves once nothing on the instance acts any more": async () => {
    await using cluster = await make();
    const [victim, witness] = await cluster.addNodes(2);
    const listens = await victim.spawn("perl", ["-e", SERVER], { stdout: "piped" });
    strictEqual((await listens.stdout.getReader().read()).done, false);
    const target = { hostname: victim.address, port: SERVER_PORT };
    strictEqual(await (await witness.connect(target)).readable.text(), "here");
    await victim.kill();
    await rejects(witness.connect({ ...target, signal: AbortSignal.timeout(5_000) }));
  },

  "the agent gets in by an image's own gzip and sha256sum": async () => {
    await using cluster = await make({ customize: withoutQuickPrograms });
    const node = await cluster.addNode();
    strictEqual((await node.run("echo", ["there"])).stdout, "there\n");
  },

  "an instance whose agent ends is terminated, and its node lost": async (account) => {
    await using cluster = await make();
    const node = await cluster.addNode();
    const silent = node.run("sleep", ["1000"]);
    const killed = node.run("sh", ["-c", "kill -9 $PPID"]);
    await Promise.all([silent, killed].map((each) => rejects(each, NodeLostError)));
    await account.until(({ length }) => length === 0);
  },
});

Deno.test({
  name: "an instance whose agent never starts ends itself when its life is over",
  ignore: !await canBoot(),
  fn: async () => {
    await using account = await TestAccount.open({ minute: 2_000 });
    await using cluster = await make({ maxLife: 120_000, customize: stuckInFetching });
    // On its way to its end, or there: as EC2 shows it at that moment.
    const failure = /its instance is (shutting-down|terminated): .*Instance initiated shutdown/;
    await rejects(cluster.addNode(), failure);
    const [instance] = account.server.instances;
    strictEqual(instance!.stateReason?.Code, "Client.InstanceInitiatedShutdown");
  },
});

/** Its boot script does not find those that the image of these tests has so that boots take less time. */
function withoutQuickPrograms(request: RunRequest): RunRequest {
  const script = atob(String(request.UserData));
  const usual = script.replace(/^export PATH=\S+/m, "export PATH=/usr/sbin:/usr/bin:/sbin:/bin");
  ok(usual !== script);
  return { ...request, UserData: btoa(usual) };
}

/** Its boot script comes as far as to the fetching of the agent. */
function stuckInFetching(request: RunRequest): RunRequest {
  const script = atob(String(request.UserData));
  const stuck = script.replace(/^ *curl .*$/m, "sleep 600; false");
  ok(stuck !== script && stuck.indexOf("sleep 600") > stuck.indexOf("shutdown -P"));
  return { ...request, UserData: btoa(stuck) };
}

testWith("simulated", false, {
  "the agent is sent once, whatever runs": async ({ server }) => {
    for (const name of ["first", "second"]) {
      await using cluster = await make({}, { name });
      await cluster.addNode();
    }
    strictEqual(server.journal.count("s3", "CompleteMultipartUpload"), 1);
  },

  "a part of the agent whose arrival is not confirmed is sent again": async ({ server }) => {
    await ec2().sweep({ caches: true });
    server.faults.unanswered.set("s3:UploadPart", 2);
    {
      await using cluster = await make();
      await cluster.addNode();
    }
    const failures = server.journal.find("s3", "UploadPart").filter(({ error }) => error);
    strictEqual(failures.length, 2);
    const [bucket] = server.buckets.values();
    const [agent] = bucket!.objects.values();
    const archive = new Blob([agent!.body]).stream().pipeThrough(new DecompressionStream("gzip"));
    const hash = await crypto.subtle.digest("SHA-256", await new Response(archive).arrayBuffer());
    strictEqual(agent!.key, `agents/${new Uint8Array(hash).toHex()}.tar.gz`);
  },

  "an agent that cannot be sent leaves nothing of it in the bucket": async ({ server }) => {
    await ec2().sweep({ caches: true });
    server.faults.denied.add("s3:UploadPart");
    await using cluster = await make();
    await rejects(cluster.addNode(), /a permission is missing to send a part of the agent to S3/);
    const [bucket] = server.buckets.values();
    deepStrictEqual([bucket!.objects.size, bucket!.uploads.size], [0, 0]);
  },

  "the end of a cluster is tried again when AWS is not up to it": async (account) => {
    const { faults, journal } = account.server;
    {
      await using cluster = await make();
      await cluster.addNodes(2);
      faults.throttled.set("ec2:TerminateInstances", 1);
      faults.unanswered.set("ec2:TerminateInstances", 1);
    }
    strictEqual(account.living.length, 0);
    deepStrictEqual(journal.find("ec2", "TerminateInstances").map(({ error }) => error), [
      "RequestLimitExceeded",
      "InternalError",
      undefined,
    ]);
  },

  "ten nodes take hardly longer than one": async (account) => {
    // As long as a real one boots, about: what the runner does is little, compared with it.
    account.server.faults.pendingFor = 20_000;
    const launch = async (count: number): Promise<number> => {
      await using cluster = await make();
      const started = performance.now();
      await cluster.addNodes(count);
      return performance.now() - started;
    };
    const one = await launch(1);
    const ten = await launch(10);
    ok(ten < 1.5 * one, `ten took ${ten} ms, one ${one} ms`);
  },

  "a quota is reported": async (account) => {
    account.server.faults.vCpuLimit = 4;
    await using cluster = await make();
    await rejects(cluster.addNodes(5), /could be had.*missing[^]*VcpuLimitExceeded/);
  },

  "nodes are shared out among zones when asked to be": async (account) => {
    await using cluster = await make({ spread: true });
    await cluster.addNodes(4);
    const zones = Map.groupBy(account.living, ({ spec }) => spec.zone);
    deepStrictEqual([...zones.values()].map(({ length }) => length), [2, 2]);
  },

  "throttling is obeyed": async ({ server }) => {
    server.faults.throttled.set("ec2:RunInstances", 2);
    server.faults.throttled.set("ec2:DescribeInstances", 1);
    await using cluster = await make();
    await cluster.addNode();
    strictEqual(server.journal.count("ec2", "RunInstances"), 3);
  },

  "a request whose answer was lost launches nothing twice": async (account) => {
    account.server.faults.unanswered.set("ec2:RunInstances", 1);
    await using cluster = await make();
    await cluster.addNodes(2);
    strictEqual(account.server.journal.count("ec2", "RunInstances"), 2);
    strictEqual(account.living.length, 2);
  },

  "what was launched and never answered is terminated": async (account) => {
    account.server.faults.unanswered.set("ec2:RunInstances", 100);
    await using cluster = await make();
    await rejects(cluster.addNodes(2), /Cannot launch instances/);
    await account.until(({ length }) => length === 0);
  },

  "instances that EC2 does not show yet are waited for, and can be given back": async (account) => {
    account.server.faults.unseenFor = 1500;
    account.server.faults.pendingFor = 2500;
    await using cluster = await make();
    await cluster.addNodes(2);
  },

  "instances that EC2 does not show yet are terminated when others fail": async (account) => {
    account.server.faults.unseenFor = 1500;
    for (const zone of ZONES) account.server.faults.roomIn.set(zone, zone.endsWith("a") ? 2 : 0);
    await using cluster = await make();
    await rejects(cluster.addNodes(3), /2 could be had, 1 are missing/);
    await account.until(({ length }) => length === 0);
  },

  "an instance whose agent does not come up fails, with its state and console": async (account) => {
    account.server.faults.silentBoots = 1;
    await using cluster = await make({ startTimeout: 10_000 });
    const error = await cluster.addNodes(2).catch((error) => error);
    match(error.message, /^Cannot start node "node[12]" on i-[0-9a-f]+: its agent did not answer/);
    match(error.message, /within 10 s.*\n {2}its instance is running\n {2}.*console/);
    await account.until(({ length }) => length === 0);
  },

  "an instance that fails to launch is told with EC2's reason": async (account) => {
    account.server.faults.failedBoots = 1;
    await using cluster = await make();
    const failure = /its instance is terminated: .*Internal error on launch/;
    await rejects(cluster.addNodes(3), failure);
    await account.until(({ length }) => length === 0);
  },

  "what ends a launch does not wait for instances of other requests": async (account) => {
    account.server.faults.pendingFor = 60_000;
    const [, second] = account.server.region().region.subnets.keys();
    await using cluster = await make({
      spread: true,
      startTimeout: 30_000,
      customize: (request) => {
        if (JSON.stringify(request).includes(second!)) throw new Error("not there");
      },
    });
    await rejects(cluster.addNodes(2), /not there/);
  },

  "spot instances are asked for, and paid in full where there are none": async (account) => {
    await using cluster = await make({ spot: true });
    await cluster.addNode();
    account.server.faults.noSpotRoom = true;
    await cluster.addNode();
    deepStrictEqual(account.living.map(({ spec }) => spec.isSpot), [true, false]);
    const only = { spot: { fallback: false } };
    await rejects(cluster.addNode(only), /1 are missing\n {2}in us-east-1a, as spot: Insuff/);
  },

  "spot instances that are refused after the launch are paid in full": async (account) => {
    account.server.faults.refusedIn.set("us-east-1a", 1);
    for (const zone of ZONES.slice(1)) account.server.faults.roomIn.set(zone, 0);
    await using cluster = await make({ spot: true });
    await cluster.addNodes(2);
    deepStrictEqual(account.living.map(({ spec }) => spec.isSpot), [true, false]);
  },

  "pause() is a missing ability": async () => {
    await using cluster = await make();
    const node = await cluster.addNode();
    await rejects(node.pause(), MissingAbilityError);
    await rejects(make({}, { needs: ["pause"] }), MissingAbilityError);
  },

  "what nodes cost is told before, and what was used afterwards": async () => {
    const events: ClusterEvent[] = [];
    {
      await using cluster = await make();
      cluster.events.subscribe((event) => void events.push(event));
      await cluster.addNodes(2);
    }
    const types = events.map(({ type }) => type);
    ok(types.indexOf("cost-estimated") < types.indexOf("node-ready"));
    const sum = events.find((event) => event.type === "cost-incurred");
    ok(sum && sum.instances === 2 && sum.hours > 0 && sum.cost! > 0);
  },

  "a hook may change the request": async (account) => {
    await using cluster = await make({
      customize: (request) => ({ ...request, InstanceType: "t3.medium" }),
    });
    await cluster.addNode();
    strictEqual(runs(account)[0]!.InstanceType, "t3.medium");
  },

  "nodes may have private addresses only": async (account) => {
    await using cluster = await make({ addresses: "private" });
    const node = await cluster.addNode();
    const { addresses } = account.server.instance(node.id).spec;
    deepStrictEqual(addresses, { private: node.address, public: undefined });
    strictEqual((await node.run("echo", ["hello"])).stdout, "hello\n");
  },

  "nodes are where and what they are asked to be": async (account) => {
    const { region } = account.server.region();
    region.keyNames.add("mine");
    region.placementGroups.add("near");
    const [, second] = region.subnets.values();
    await using cluster = await make({
      keyPair: "mine",
      placementGroup: "near",
      subnets: [second!.id],
      rootVolume: { size: 20, type: "gp2" },
    });
    const node = await cluster.addNode();
    const { spec } = account.server.instance(node.id);
    deepStrictEqual(
      [spec.keyName, spec.placementGroup, spec.subnetId, spec.zone],
      ["mine", "near", second!.id, second!.zone],
    );
    const volume = region.volumes.get(spec.rootVolumeId)!;
    deepStrictEqual([volume.size, volume.type], [20, "gp2"]);
  },

  "a key pair that is not there is an error that names it": async () => {
    await using cluster = await make({ keyPair: "yours" });
    await rejects(cluster.addNode(), /key pair 'yours' does not exist/);
  },

  "nodes that differ are launched apart, and come in order": async (account) => {
    await using cluster = await make();
    const [one, two] = await Promise.all([
      cluster.addNode({ name: "one" }),
      cluster.addNode({ name: "two", instanceType: "t3.medium" }),
    ]);
    deepStrictEqual([one.name, two.name], ["one", "two"]);
    strictEqual(account.server.instance(two.id).spec.type.name, "t3.medium");
  },

  "aborting ends a launch, and leaves nothing": async (account) => {
    account.server.faults.pendingFor = 60_000;
    const controller = new AbortController();
    const cluster = await make({}, { signal: controller.signal });
    const adding = cluster.addNodes(3);
    const rejected = rejects(adding, /enough/);
    await account.until(({ length }) => length === 3);
    controller.abort(new Error("enough"));
    await rejected;
    await cluster[Symbol.asyncDispose]();
  },

  "a cluster waits for the end of its instances when asked to": async (account) => {
    {
      await using cluster = await make({ waitForTermination: true });
      await cluster.addNodes(2);
    }
    const ours = account.server.instances.slice(-2).map(({ state }) => state);
    deepStrictEqual(ours, ["terminated", "terminated"]);
  },

  "a sweep spares what lives, and removes what a run left": async (account) => {
    await using cluster = await make();
    await cluster.addNodes(2);
    const living = await ec2().sweep();
    deepStrictEqual(living.found, []);
    const tags = account.living[0]!.tags;
    const run = tags.get("clustertest:run");
    const { found } = await ec2().sweep({ run, dryRun: true });
    deepStrictEqual(found.map(({ kind, outcome }) => [kind, outcome]), [
      ["instance", "would be removed"],
      ["instance", "would be removed"],
    ]);
    strictEqual(account.living.length, 2);
    await ec2().sweep({ run });
    await account.until(({ length }) => length === 0);
  },

  "a sweep removes volumes that outlived their instances, and requests for spot instances": async (
    account,
  ) => {
    const { region } = account.server.region();
    let run: string | undefined;
    {
      await using cluster = await make({ spot: true });
      const node = await cluster.addNode();
      const { spec, tags } = account.server.instance(node.id);
      run = tags.get("clustertest:run");
      const volume = region.volumes.get(spec.rootVolumeId)!;
      region.volumes.set("vol-0123456789abcdef0", {
        ...volume,
        id: "vol-0123456789abcdef0",
        attachedTo: undefined,
      });
      const { found } = await ec2().sweep({ run, dryRun: true });
      deepStrictEqual(found.map(({ kind }) => kind), ["instance", "spot request", "volume"]);
      strictEqual(account.server.journal.count("ec2", "DeleteVolume"), 0);
      await ec2().sweep({ run });
    }
    deepStrictEqual([...region.volumes.keys()], []);
    deepStrictEqual(
      [...region.spotRequests.values()].filter(({ state }) => state === "active"),
      [],
    );
  },

  "a sweep removes agents when caches are asked for": async () => {
    const agents = (await ec2().sweep({ caches: true, dryRun: true })).found;
    deepStrictEqual(agents.map(({ kind, reason }) => [kind, reason]), [
      ["object", "a cache of the agent"],
    ]);
  },
});
