import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { InstanceOptions } from "./ec2_options.ts";
import { type LaunchPlan, type Market, runRequest } from "./run_request.ts";

const plan: LaunchPlan = {
  options: { instanceType: "t3.small" },
  ami: "ami-1",
  volumes: [{ device: "/dev/xvda", isRoot: true }, { device: "/dev/sdb", isRoot: false }],
  securityGroups: ["sg-1"],
  instanceProfile: "arn:aws:iam::1:instance-profile/p",
  userData: "#!/bin/sh\n",
  tags: { Name: "clustertest 1", clustertest: "node" },
};

function request(
  options: Partial<InstanceOptions> = {},
  market: Market = "on-demand",
): ReturnType<typeof runRequest> {
  const batch = { count: 7, subnet: "subnet-1", market, clientToken: "token" };
  return runRequest({ ...plan, options: { ...plan.options, ...options } }, batch);
}

Deno.test("runRequest() asks for as many as there are, once, and lets them end for good", () => {
  const { MinCount, MaxCount, ClientToken, InstanceInitiatedShutdownBehavior, UserData } =
    request();
  deepStrictEqual([MinCount, MaxCount, ClientToken], [1, 7, "token"]);
  strictEqual(InstanceInitiatedShutdownBehavior, "terminate");
  strictEqual(atob(UserData!), "#!/bin/sh\n");
});

Deno.test("runRequest() closes the metadata to all but the second version", () => {
  const { HttpTokens, HttpPutResponseHopLimit } = request().MetadataOptions!;
  deepStrictEqual([HttpTokens, HttpPutResponseHopLimit], ["required", 1]);
});

Deno.test("runRequest() lets no volume outlive its instance, and changes only the root", () => {
  const { BlockDeviceMappings } = request({ rootVolume: { size: 50, iops: 4000 } });
  deepStrictEqual(BlockDeviceMappings, [
    {
      DeviceName: "/dev/xvda",
      Ebs: {
        VolumeSize: 50,
        VolumeType: "gp3",
        Iops: 4000,
        Throughput: undefined,
        DeleteOnTermination: true,
      },
    },
    { DeviceName: "/dev/sdb", Ebs: { DeleteOnTermination: true } },
  ]);
});

Deno.test("runRequest() tags everything that comes of it, and lets authors name it", () => {
  const kinds = (market: Market) =>
    request({ tags: { Name: "mine", team: "a" } }, market).TagSpecifications!.map(
      ({ ResourceType, Tags }) => {
        deepStrictEqual(Tags, [
          { Key: "Name", Value: "mine" },
          { Key: "clustertest", Value: "node" },
          { Key: "team", Value: "a" },
        ]);
        return ResourceType;
      },
    );
  deepStrictEqual(kinds("on-demand"), ["instance", "volume", "network-interface"]);
  strictEqual(kinds("spot").at(-1), "spot-instances-request");
});

Deno.test("runRequest() gives public addresses unless private ones are asked for", () => {
  const isPublic = (options: Partial<InstanceOptions>) =>
    request(options).NetworkInterfaces![0]!.AssociatePublicIpAddress;
  deepStrictEqual([{}, { addresses: "private" as const }].map(isPublic), [true, false]);
});

Deno.test("runRequest() asks for spot instances that end when they are taken back", () => {
  deepStrictEqual(request({ spot: { maxPrice: 0.5 } }, "spot").InstanceMarketOptions, {
    MarketType: "spot",
    SpotOptions: {
      SpotInstanceType: "one-time",
      InstanceInterruptionBehavior: "terminate",
      MaxPrice: "0.5",
    },
  });
  strictEqual(request({ spot: true }).InstanceMarketOptions, undefined);
});

Deno.test("runRequest() takes a key pair and a placement group", () => {
  const { KeyName, Placement } = request({ keyPair: "mine", placementGroup: "near" });
  deepStrictEqual([KeyName, Placement], ["mine", { GroupName: "near" }]);
});
