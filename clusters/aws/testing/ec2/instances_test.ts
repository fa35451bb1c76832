import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeSpotInstanceRequestsCommand,
  DescribeVolumesCommand,
  RebootInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { REGION } from "../account.ts";
import { LaunchSite } from "../launch_site.ts";
import { imageFor } from "./images.ts";

/** Instances without user data have no agents. */
function open(): Promise<LaunchSite> {
  return LaunchSite.open({ machines: "simulated" });
}

async function describe(site: LaunchSite, input: DescribeInstancesCommandInput = {}) {
  const { Reservations = [], NextToken } = await site.clients.ec2.send(
    new DescribeInstancesCommand(input),
  );
  return { instances: Reservations.flatMap(({ Instances = [] }) => Instances), NextToken };
}

Deno.test("RunInstances does not launch twice when its token is the same", async () => {
  await using site = await open();
  const ClientToken = "once";
  const [one, other] = [await site.run({ ClientToken }), await site.run({ ClientToken })];
  deepStrictEqual(one, other);
  await rejects(site.run({ ClientToken, MaxCount: 2 }), { name: "IdempotentParameterMismatch" });
  strictEqual(site.aws.instances.length, 1);
});

const REFUSED: Record<string, [Partial<RunInstancesCommandInput>, string]> = {
  "an unknown type": [{ InstanceType: "z9.huge" as "t3.micro" }, "InvalidParameterValue"],
  "an unknown image": [{ ImageId: "ami-00000000000000000" }, "InvalidAMIID.NotFound"],
  "a malformed image": [{ ImageId: "nonsense" }, "InvalidAMIID.Malformed"],
  "another architecture": [{ ImageId: imageFor("arm64", REGION) }, "InvalidParameterValue"],
  "an unknown subnet": [{
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: "subnet-00000000" }],
  }, "InvalidSubnetID.NotFound"],
  "no subnet": [{ NetworkInterfaces: undefined }, "VPCIdNotSpecified"],
  "an unknown key": [{ KeyName: "lost" }, "InvalidKeyPair.NotFound"],
  "an unknown profile": [{ IamInstanceProfile: { Name: "lost" } }, "InvalidParameterValue"],
  "an unknown group": [{ Placement: { GroupName: "lost" } }, "InvalidPlacementGroup.Unknown"],
  "user data that is not base64": [{ UserData: "#!/bin/sh" }, "InvalidUserData.Malformed"],
  "long user data": [{ UserData: btoa("x".repeat(16_385)) }, "InvalidParameterValue"],
  "a reserved tag": [{
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "aws:x", Value: "" }] }],
  }, "InvalidParameterValue"],
  "tags for what is not made": [{
    TagSpecifications: [{ ResourceType: "vpc", Tags: [] }],
  }, "InvalidParameterValue"],
  "fewer than are wanted": [{ MinCount: 3 }, "InvalidParameterCombination"],
  "no count": [{ MinCount: undefined }, "MissingParameter"],
  "a parameter that is not implemented": [{ EbsOptimized: true }, "NotImplemented"],
  "a part of one that is not implemented": [{ Placement: { HostId: "h" } }, "NotImplemented"],
};

Deno.test("RunInstances refuses what EC2 would refuse", async (t) => {
  await using site = await open();
  for (const [what, [input, name]] of Object.entries(REFUSED)) {
    await t.step(what, () => rejects(site.run(input), { name }));
  }
  strictEqual(site.aws.instances.length, 0);
});

Deno.test("RunInstances tags everything in the same call", async () => {
  await using site = await open();
  const Tags = [{ Key: "clustertest", Value: "x" }];
  const kinds = ["instance", "volume", "network-interface", "spot-instances-request"] as const;
  await site.run({
    InstanceMarketOptions: { MarketType: "spot" },
    TagSpecifications: kinds.map((ResourceType) => ({ ResourceType, Tags })),
  });
  const Filters = [{ Name: "tag:clustertest", Values: ["x"] }];
  const { instances } = await describe(site, { Filters });
  const { Volumes } = await site.clients.ec2.send(new DescribeVolumesCommand({ Filters }));
  const { SpotInstanceRequests } = await site.clients.ec2.send(
    new DescribeSpotInstanceRequestsCommand({ Filters }),
  );
  deepStrictEqual([instances.length, Volumes?.length, SpotInstanceRequests?.length], [1, 1, 1]);
  strictEqual(instances[0]!.InstanceLifecycle, "spot");
});

Deno.test("RunInstances launches what there is room for, and nothing when that is too little", async () => {
  await using site = await open();
  site.aws.faults.roomIn.set("us-east-1a", 3);
  strictEqual((await site.run({ MaxCount: 5 })).length, 3);
  await rejects(site.run(), { name: "InsufficientInstanceCapacity" });
  site.aws.faults.roomIn.clear();
  site.aws.faults.vCpuLimit = 8;
  await rejects(site.run({ MinCount: 2, MaxCount: 2 }), { name: "VcpuLimitExceeded" });
  site.aws.faults.instanceLimit = 3;
  await rejects(site.run(), { name: "InstanceLimitExceeded" });
  site.aws.faults.instanceLimit = Infinity;
  site.aws.faults.noSpotRoom = true;
  const InstanceMarketOptions = { MarketType: "spot" } as const;
  await rejects(site.run({ InstanceMarketOptions }), { name: "InsufficientInstanceCapacity" });
});

Deno.test("DescribeInstances does not know an instance at once when consistency is eventual", async () => {
  await using site = await open();
  site.aws.faults.unseenFor = 60_000;
  const [instance] = await site.run();
  const InstanceIds = [instance!.id];
  await rejects(describe(site, { InstanceIds }), { name: "InvalidInstanceID.NotFound" });
  deepStrictEqual((await describe(site)).instances, []);
  await site.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
  await instance!.gone.promise;
});

Deno.test("DescribeInstances gives a public address to what is not pending any more", async () => {
  await using site = await open();
  site.aws.faults.pendingFor = 60_000;
  const [instance] = await site.run();
  await instance!.machine;
  const [early] = (await describe(site)).instances;
  strictEqual(early!.State!.Name, "pending");
  strictEqual(early!.PublicIpAddress, undefined);
  site.aws.faults.pendingFor = 0;
  await site.run();
  await Promise.all(site.aws.instances.map(({ machine }) => machine));
  const Filters = [{ Name: "instance-state-name", Values: ["run*"] }];
  const [running] = (await describe(site, { Filters })).instances;
  match(running!.PublicIpAddress!, /^127\./);
});

Deno.test("DescribeInstances gives pages, and finds what meets all filters", async () => {
  await using site = await open();
  await site.run({ MaxCount: 7 });
  const first = await describe(site, { MaxResults: 5 });
  strictEqual(first.instances.length, 5);
  const second = await describe(site, { MaxResults: 5, NextToken: first.NextToken });
  strictEqual(second.instances.length, 2);
  strictEqual(second.NextToken, undefined);
  const ids = new Set([...first.instances, ...second.instances].map((each) => each.InstanceId));
  strictEqual(ids.size, 7);
  const filter = (Name: string) => describe(site, { Filters: [{ Name, Values: ["?*"] }] });
  await rejects(filter("nonsense"), { name: "InvalidParameterValue" });
  strictEqual((await filter("tag-key")).instances.length, 0);
  await rejects(describe(site, { NextToken: "bm9uZQ==" }), { name: "InvalidNextToken" });
  await rejects(describe(site, { MaxResults: 2 }), { name: "InvalidParameterValue" });
});

Deno.test("TerminateInstances terminates all or none", async () => {
  await using site = await open();
  const ids = (await site.run({ MaxCount: 2 })).map(({ id }) => id);
  const terminate = (InstanceIds: string[]) =>
    site.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
  await rejects(terminate([...ids, "i-00000000000000000"]), { name: "InvalidInstanceID.NotFound" });
  await rejects(terminate(["i-x"]), { name: "InvalidInstanceID.Malformed" });
  strictEqual(site.aws.instances.every(({ isAlive }) => isAlive), true);
  const { TerminatingInstances = [] } = await terminate(ids);
  deepStrictEqual(TerminatingInstances.map(({ CurrentState }) => CurrentState?.Name), [
    "shutting-down",
    "shutting-down",
  ]);
  await Promise.all(site.aws.instances.map(({ gone }) => gone.promise));
  const { instances } = await describe(site, { InstanceIds: ids });
  for (const { State, StateReason, PublicIpAddress } of instances) {
    deepStrictEqual([State?.Name, StateReason?.Code, PublicIpAddress], [
      "terminated",
      "Client.UserInitiatedShutdown",
      undefined,
    ]);
  }
  strictEqual(site.aws.region().region.volumes.size, 0);
  const InstanceIds = [ids[0]!];
  await rejects(site.clients.ec2.send(new RebootInstancesCommand({ InstanceIds })), {
    name: "IncorrectState",
  });
});

Deno.test("an instance says why it ended when AWS ended it", async () => {
  await using site = await open();
  site.aws.faults.failedBoots = 1;
  await site.run();
  const [spot] = await site.run({ InstanceMarketOptions: { MarketType: "spot" } });
  site.aws.interruptSpot(spot!.id);
  await Promise.all(site.aws.instances.map(({ gone }) => gone.promise));
  const { instances } = await describe(site);
  deepStrictEqual(instances.map(({ State, StateReason }) => [State?.Name, StateReason?.Code]), [
    ["terminated", "Server.InternalError"],
    ["terminated", "Server.SpotInstanceTermination"],
  ]);
  const { SpotInstanceRequests } = await site.clients.ec2.send(
    new DescribeSpotInstanceRequestsCommand({}),
  );
  deepStrictEqual(SpotInstanceRequests!.map(({ State, Status }) => [State, Status?.Code]), [
    ["closed", "instance-terminated-no-capacity"],
  ]);
});
