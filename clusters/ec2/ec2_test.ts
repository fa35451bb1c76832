/**
 * What a user of the EC2 backend sees, with a local AWS that the official SDK talks to. What takes
 * longer is in the files that `deno task test:long` runs.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { artifactsOf } from "../conformance/artifact_cases.ts";
import { Deadline } from "../../agent/deadline.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { BackendUnusableError, NodeDownError, NodeLostError } from "../errors.ts";
import type { ClusterEvent } from "../events/events.ts";
import { unlessAborted } from "../../agent/unless_aborted.ts";
import type { RunRequest } from "./ec2_options.ts";
import { canBoot, canSimulate } from "../aws/testing/machines/requirement.ts";
import { make, runs, testWith, ZONES } from "./testing/cases.ts";

/** Milliseconds. */
const A_MINUTE = 60 * 1000;
const AN_HOUR = 60 * A_MINUTE;

testWith("containers", !await canBoot(), {
  "kill() restarts an instance, and start() waits for its agent, as artifacts do": async (
    account,
  ) => {
    await using cluster = await make();
    const node = await cluster.addNode();
    await node.writeTextFile("kept", "content");
    const collected = await artifactsOf({
      cluster: cluster as unknown as Cluster,
      patterns: ["kept"],
      body: () => node.kill(),
    });
    const { folder, errors } = collected.get(node.name)!;
    deepStrictEqual(errors, []);
    strictEqual(await Deno.readTextFile(`${folder}/kept`), "content");
    strictEqual(account.server.journal.count("ec2", "RebootInstances"), 1);
    strictEqual(node.signal.aborted, false);
    await rejects(node.readTextFile("kept"), NodeDownError);
    await node.start();
    strictEqual(await node.readTextFile("kept"), "content");
    strictEqual(account.living.length, 1);
  },

  "start() and artifacts fail at once when the instance ends instead of coming up": async () => {
    await using cluster = await make();
    const nodes = await cluster.addNodes(2);
    const [node, other] = nodes;
    const perBoot = "/var/lib/cloud/scripts/per-boot/clustertest";
    for (const each of nodes) await each.writeTextFile(perBoot, "#!/bin/sh\npoweroff\n");
    await Promise.all(nodes.map((each) => each.kill()));
    const collecting = artifactsOf({ cluster: cluster as unknown as Cluster, patterns: ["*"] });
    const error = await node.start().catch((error) => error);
    ok(error instanceof NodeLostError, `start() gave ${error}`);
    match(error.message, /Instance initiated shutdown/);
    match((await collecting).get(other.name)!.errors.join(), /Instance initiated shutdown/);
  },

  "nodes run commands, keep files and reach each other": async (account) => {
    await using cluster = await make();
    const [one, two] = await cluster.addNodes(2, { env: { COLOUR: "blue" } });
    await one.writeTextFile("a/b.txt", "hello");
    strictEqual(await one.readTextFile("/clustertest/root/a/b.txt"), "hello");
    const { stdout } = await one.run("sh", ["-c", "echo $COLOUR $CLUSTERTEST_ADDRESS; id -u"]);
    strictEqual(stdout, `blue ${one.address}\n0\n`);
    await using listener = await two.listen({ port: 7000 });
    await using client = await one.connect({ hostname: two.address, port: 7000 });
    await using server = await listener.accept();
    await client.write(new Uint8Array([7]));
    strictEqual(await server.read(new Uint8Array(2)), 1);
    strictEqual(account.server.journal.count("ec2", "RunInstances"), 1);
  },

  "an instance whose agent does not start ends at once": async () => {
    await using cluster = await make({ customize: withOptionThatNoAgentHas });
    const error = await cluster.addNode().catch((error) => error);
    match(error.message, /its instance is \S+: .*Instance initiated shutdown/);
    match(error.message, /clustertest: the agent ended with code [1-9]/);
  },

  "an instance that fetches another agent than is meant ends at once": async ({ server }) => {
    const [bucket] = server.buckets.values();
    const [whole] = bucket!.objects.values();
    for (const [damage, complaint] of damages) {
      bucket!.objects.set(whole!.key, { ...whole!, body: damage(whole!.body) });
      await using cluster = await make();
      const error = await cluster.addNode().catch((error) => error);
      match(error.message, /its instance is \S+: .*Instance initiated shutdown/);
      match(error.message, complaint);
    }
    bucket!.objects.set(whole!.key, whole!);
  },
});

/** Ways in which what a bucket holds may be wrong, and what instances say of it. */
const damages: [(body: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>, complaint: RegExp][] = [
  [(body) => body.slice(0, 1_000_000), /clustertest: what was fetched is damaged/],
  [() => new Uint8Array(gzipSync("another")), /clustertest: what was fetched is another agent/],
];

/** The agent is started in such a way that it ends before it reads anything. */
function withOptionThatNoAgentHas(request: RunRequest): RunRequest {
  const script = atob(String(request.UserData)).replace(" --at-end ", " --no-such-option ");
  return { ...request, UserData: btoa(script) };
}

testWith("simulated", !await canSimulate(), {
  "everything is tagged in the request that makes it, and all nodes are told the same": async (
    account,
  ) => {
    await using cluster = await make({ tags: { team: "storage" } });
    await cluster.addNodes(3);
    const [request, ...others] = runs(account);
    deepStrictEqual(others, []);
    const { TagSpecifications, UserData, MetadataOptions } = request as Record<string, unknown>;
    const tags = TagSpecifications as { ResourceType: string; Tags: { Key: string }[] }[];
    deepStrictEqual(tags.map(({ ResourceType }) => ResourceType), [
      "instance",
      "volume",
      "network-interface",
    ]);
    for (const { Tags } of tags) {
      const keys = Tags.map(({ Key }) => Key).filter((key) => /^(clustertest|team)/.test(key));
      strictEqual(keys.length, 7);
    }
    const script = atob(UserData as string);
    match(script, /BEGIN CERTIFICATE/);
    strictEqual(/PRIVATE KEY/.test(script), false);
    strictEqual((MetadataOptions as { HttpTokens: string }).HttpTokens, "required");
  },

  "one instance takes as many calls as ten": async ({ server }) => {
    const once = async (count: number): Promise<Record<string, number>> => {
      server.journal.clear();
      {
        await using cluster = await make();
        await cluster.addNodes(count);
      }
      // How often is looked depends on how busy the machine is.
      const { "ec2:DescribeInstances": _, ...counts } = server.journal.counts();
      return counts;
    };
    const one = await once(1);
    deepStrictEqual(await once(10), one);
    strictEqual(one["ec2:RunInstances"], 1);
    strictEqual(one["ec2:TerminateInstances"], 1);
  },

  "what one zone does not have is found in another": async (account) => {
    account.server.faults.roomIn.set("us-east-1a", 2);
    await using cluster = await make();
    await cluster.addNodes(5);
    const zones = account.living.map(({ spec }) => spec.zone).sort();
    deepStrictEqual(zones, [..."aabbb"].map((letter) => `us-east-1${letter}`));
  },

  "what no zone has is an error that says what was got, and leaves nothing": async (account) => {
    for (const zone of ZONES) account.server.faults.roomIn.set(zone, zone.endsWith("a") ? 2 : 0);
    await using cluster = await make();
    const error = await cluster.addNodes(5).catch((error) => error);
    match(error.message, /^Cannot launch 5 instances of t3.small: 2 could be had, 3 are missing/);
    match(error.message, /in us-east-1a: InsufficientInstanceCapacity/);
    match(error.message, /in us-east-1b: InsufficientInstanceCapacity/);
    await account.until(({ length }) => length === 0);
  },

  "what a zone refuses after the launch is found in another, all of it by one request": async (
    account,
  ) => {
    account.server.faults.refusedIn.set("us-east-1a", 2);
    await using cluster = await make();
    const nodes = await cluster.addNodes(5);
    deepStrictEqual(nodes.map(({ name }) => name), ["node1", "node2", "node3", "node4", "node5"]);
    const zones = account.living.map(({ spec }) => spec.zone).sort();
    deepStrictEqual(zones, [..."aaabb"].map((letter) => `us-east-1${letter}`));
    strictEqual(runs(account).length, 2);
  },

  "what all zones refuse, one of them after the launch, is an error that says what was got": async (
    { server: { faults } },
  ) => {
    faults.refusedIn.set("us-east-1a", 3);
    for (const zone of ZONES.slice(1)) faults.roomIn.set(zone, 0);
    await using cluster = await make();
    const error = await cluster.addNodes(5).catch((error) => error);
    match(error.message, /^Cannot launch 5 instances of t3.small: 2 could be had, 3 are missing/);
    match(error.message, /in us-east-1a: Server.InsufficientInstanceCapacity: Insufficient/);
    match(error.message, /in us-east-1b: InsufficientInstanceCapacity/);
  },

  "agents are reached as they come up, while instances are still asked for": async (account) => {
    const held = Promise.withResolvers<void>();
    const { faults } = account.server;
    faults.roomIn.set("us-east-1a", 2);
    faults.heldIn.set("us-east-1b", held.promise);
    await using cluster = await make();
    const reached = Promise.withResolvers<void>();
    cluster.events.subscribe((event) => {
      if ("done" in event && event.unit === "nodes" && event.done === 2) reached.resolve();
    });
    const adding = cluster.addNodes(5);
    using deadline = new Deadline(A_MINUTE);
    try {
      await unlessAborted(reached.promise, deadline.signal);
    } finally {
      held.resolve();
      await adding;
    }
  },

  "launches that are under way together are looked at together": async (account) => {
    account.server.faults.pendingFor = A_MINUTE;
    await using cluster = await make();
    const adding = Promise.all([cluster.addNode(), cluster.addNode(), cluster.addNode()]);
    adding.catch(() => {});
    const looks = () =>
      account.server.journal.find("ec2", "DescribeInstances").map(({ input }) =>
        (input as { Filters: { Values: string[] }[] }).Filters[0]!.Values.length
      );
    await account.until(() => looks().includes(3));
    // They may run now that all of them have been looked at.
    for (const { spec } of account.living) Object.assign(spec, { pendingUntil: 0 });
    await adding;
    strictEqual(Math.max(...looks()), 3);
  },

  "a spot instance that is taken back loses its node, which says so": async ({ server }) => {
    await using cluster = await make({ spot: true });
    const node = await cluster.addNode();
    const waiting = (await node.listen({ port: 0 })).accept();
    server.interruptSpot(node.id);
    await rejects(waiting, /was lost: AWS took its spot instance back\n.*Spot instance/);
  },

  "the hours of a node end when it is lost": async ({ server }) => {
    const events: ClusterEvent[] = [];
    const now = performance.now;
    try {
      await using cluster = await make();
      cluster.events.subscribe((event) => void events.push(event));
      const { id, signal } = await cluster.addNode();
      const lost = new Promise((resolve) => signal.addEventListener("abort", resolve));
      server.retire(id);
      await lost;
      performance.now = () => now.call(performance) + AN_HOUR;
    } finally {
      performance.now = now;
    }
    const sum = events.find((event) => event.type === "cost-incurred");
    ok(sum && sum.instances === 1 && sum.hours > 0 && sum.hours < 0.5);
  },

  "costs are counted with the prices that the test gives": async () => {
    const events: ClusterEvent[] = [];
    {
      await using cluster = await make({ prices: { "t3.small": 7 } });
      cluster.events.subscribe((event) => void events.push(event));
      await cluster.addNodes(2);
    }
    const estimate = events.find((event) => event.type === "cost-estimated");
    deepStrictEqual([estimate?.hourly, estimate?.priceListDate], [14, undefined]);
    const sum = events.find((event) => event.type === "cost-incurred");
    ok(sum && Math.abs(sum.cost! - 7 * sum.hours) < 1e-9 && sum.priceListDate === undefined);
  },

  "instances that EC2 has forgotten keep no others alive, nor anybody waiting": async (account) => {
    const { server } = account;
    const cluster = await make();
    const nodes = await cluster.addNodes(4);
    await Promise.all(
      nodes.slice(0, 2).map(async ({ id, signal }) => {
        const lost = new Promise((resolve) => signal.addEventListener("abort", resolve));
        server.retire(id);
        await Promise.all([lost, server.instance(id).gone.promise]);
        server.forget(id);
      }),
    );
    server.journal.clear();
    await cluster[Symbol.asyncDispose]();
    strictEqual(account.living.length, 0);
    const calls = server.journal.find("ec2", "TerminateInstances");
    deepStrictEqual(calls.map(({ error }) => error), ["InvalidInstanceID.NotFound", undefined]);
  },

  "instances that cannot be looked at are terminated, and the error says why": async (account) => {
    account.server.faults.denied.add("ec2:DescribeInstances");
    await using cluster = await make({ startTimeout: 10_000 });
    const error = await cluster.addNodes(2).catch((error) => error);
    match(error.message, /^Cannot start node "node[12]" on i-[0-9a-f]+: its agent did not answer/);
    match(error.message, /\n {2}.*a permission is missing to look at instances/);
    strictEqual(account.living.length, 0);
    account.reset();
  },

  "a node that EC2 does not end is watched, and can be ended later": async (account) => {
    const { server } = account;
    await using cluster = await make();
    const [one, two] = await cluster.addNodes(2);
    server.faults.denied.add("ec2:TerminateInstances");
    for (const node of [one, two]) await rejects(node.destroy(), /a permission is missing/);
    server.retire(one.id);
    await account.until(({ length }) => length === 1);
    account.reset();
    await two.destroy();
    strictEqual(account.living.length, 0);
  },

  "a node whose instance EC2 does not restart is lost by kill(), and can be ended": async (
    account,
  ) => {
    account.server.faults.denied.add("ec2:RebootInstances");
    await using cluster = await make();
    const node = await cluster.addNode();
    const error = await node.kill().catch((error) => error);
    ok(error instanceof NodeLostError);
    match(error.message, /could not be killed: .*a permission is missing to restart an instance/);
    await node.destroy();
    strictEqual(account.living.length, 0);
  },

  "more nodes than maxNodes are refused before anything is launched": async ({ server }) => {
    await using cluster = await make({ maxNodes: 2 });
    const node = await cluster.addNode();
    await rejects(cluster.addNodes(2), /the 1 that there are: maxNodes is 2.*maxNodes: 3/);
    await node.destroy();
    await cluster.addNodes(2);
    strictEqual(server.journal.count("ec2", "RunInstances"), 2);
  },

  "a missing stack is one error with the command that mends it": async () => {
    const error = await make({ stackName: "other" }).catch((error) => error);
    ok(error instanceof BackendUnusableError);
    match(error.message, /no stack "other" in region "us-east-1"/);
    match(error.remedy, /deno task aws:setup .*--stack-name other/);
    await rejects(make({ region: "eu-central-1" }), /no stack "clustertest" in region "eu-cen/);
  },

  "expired credentials are one error with the command that mends it": async ({ server }) => {
    server.faults.credentialsExpired = true;
    const error = await make({ stackName: "unheard-of" }).catch((error) => error);
    ok(error instanceof BackendUnusableError);
    match(error.message, /credentials have expired/);
    server.faults.credentialsExpired = false;
  },

  "credentials that expire between two calls are one error with the command that mends it": async (
    { server },
  ) => {
    await using cluster = await make();
    server.faults.credentialsExpired = true;
    const error = await cluster.addNode().catch((error) => error);
    server.faults.credentialsExpired = false;
    ok(error instanceof BackendUnusableError);
    match(error.message, /the AWS credentials have expired, or the clock .*: Request has expired/);
    match(error.remedy, /aws sso login.*timedatectl/);
  },

  "a missing permission is one error with the command that mends it": async ({ server }) => {
    server.faults.denied.add("ec2:RunInstances");
    await using cluster = await make();
    const error = await cluster.addNode().catch((error) => error);
    ok(error instanceof BackendUnusableError);
    match(error.message, /a permission is missing to launch instances/);
    match(error.remedy, /deno task aws:policy/);
  },

  "a missing permission for S3 is one error with the command that mends it": async ({ server }) => {
    server.faults.denied.add("s3:HeadObject");
    await using cluster = await make();
    const error = await cluster.addNode().catch((error) => error);
    ok(error instanceof BackendUnusableError);
    match(error.message, /a permission is missing to look for the agent .*: AWS answers 403 and/);
    match(error.remedy, /deno task aws:policy/);
  },
});
