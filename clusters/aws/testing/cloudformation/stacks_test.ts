import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import {
  CreateStackCommand,
  type CreateStackCommandInput,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ListExportsCommand,
  type Stack,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { DescribeSubnetsCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { AwsServer } from "../aws_server.ts";
import { AwsClients } from "../clients.ts";
import { deployStack, launchInput, stackTemplate } from "../deployed_stack.ts";

const StackName = "clustertest";

async function open() {
  await using stack = new AsyncDisposableStack();
  const aws = stack.use(await AwsServer.start({ machines: "simulated" }));
  const clients = stack.use(new AwsClients(aws));
  const { cloudFormation } = clients;
  const input = {
    StackName,
    TemplateBody: await stackTemplate(),
    Parameters: [{ ParameterKey: "RunnerCidr", ParameterValue: "127.0.0.1/32" }],
    Capabilities: ["CAPABILITY_IAM" as const],
  };
  const create = (changed: Partial<CreateStackCommandInput> = {}) =>
    cloudFormation.send(new CreateStackCommand({ ...input, ...changed }));
  /** Resolves to the stack when nothing of it is being changed any more. */
  const settled = async (name: string = StackName): Promise<Stack> => {
    while (true) {
      const described = new DescribeStacksCommand({ StackName: name });
      const { Stacks = [] } = await cloudFormation.send(described);
      if (!Stacks[0]!.StackStatus!.endsWith("_IN_PROGRESS")) return Stacks[0]!;
    }
  };
  const moved = stack.move();
  const parts = { aws, clients, cloudFormation, input, create, settled };
  return { ...parts, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

Deno.test("CreateStack() makes what the template describes, and exports what it tells", async () => {
  await using at = await open();
  const { StackId } = await at.create({ ClientRequestToken: "once" });
  strictEqual((await at.create({ ClientRequestToken: "once" })).StackId, StackId);
  await rejects(at.create(), { name: "AlreadyExistsException" });
  const { StackStatus, Outputs = [] } = await at.settled();
  strictEqual(StackStatus, "CREATE_COMPLETE");
  const { Exports = [] } = await at.cloudFormation.send(new ListExportsCommand({}));
  deepStrictEqual(
    Exports.map(({ Name, Value }) => [Name, Value]),
    Outputs.map(({ ExportName, OutputValue }) => [ExportName, OutputValue]),
  );
  const { Subnets = [] } = await at.clients.ec2.send(new DescribeSubnetsCommand({}));
  deepStrictEqual(Subnets.map(({ AvailabilityZone: zone, CidrBlock }) => [zone, CidrBlock]), [
    ["us-east-1a", "10.0.0.0/20"],
    ["us-east-1b", "10.0.16.0/20"],
  ]);
  const { StackResources = [] } = await at.cloudFormation.send(
    new DescribeStackResourcesCommand({ StackName }),
  );
  strictEqual(StackResources.every((each) => each.ResourceStatus === "CREATE_COMPLETE"), true);
  const other = new AwsClients(at.aws, { region: "eu-central-1" });
  const there = other.cloudFormation.send(new DescribeStacksCommand({ StackName }));
  await rejects(there, { name: "ValidationError", message: /does not exist/ });
  other[Symbol.dispose]();
});

const BROKEN: Record<string, [Partial<CreateStackCommandInput>, RegExp]> = {
  "a missing parameter": [{ Parameters: [] }, /RunnerCidr.* must have values/],
  "an unknown parameter": [{ Parameters: [{ ParameterKey: "X", ParameterValue: "1" }] }, /\[X\]/],
  "a bad parameter": [{
    Parameters: [{ ParameterKey: "RunnerCidr", ParameterValue: "here" }],
  }, /must be an IPv4 range/],
  "no capability": [{ Capabilities: [] }, /CAPABILITY_IAM/],
  "an unknown type": [
    { TemplateBody: '{"Resources":{"X":{"Type":"AWS::EC2::NatGateway"}}}', Parameters: [] },
    /Unrecognized resource types: \[AWS::EC2::NatGateway\]/,
  ],
  "an unknown property": [{
    TemplateBody: '{"Resources":{"X":{"Type":"AWS::S3::Bucket","Properties":{"Colour":1}}}}',
    Parameters: [],
  }, /extraneous key \[Colour\]/],
  "a template that is none": [{ TemplateBody: "Resources:", Parameters: [] }, /It is not JSON/],
  // This is noticed only when the stack is being made.
  "an unknown function": [{
    TemplateBody: '{"Resources":{"X":{"Type":"AWS::EC2::VPC","Properties":{"CidrBlock":' +
      '{"Fn::ImportValue":"x"}}}}}',
    Parameters: [],
  }, /ImportValue/],
};

Deno.test("CreateStack() refuses what CloudFormation would refuse", async (t) => {
  await using at = await open();
  for (const [what, [changed, message]] of Object.entries(BROKEN)) {
    await t.step(what, async () => {
      const outcome = await at.create(changed).then(() => at.settled(), (error: Error) => error);
      match("message" in outcome ? outcome.message : outcome.StackStatusReason ?? "", message);
    });
  }
});

Deno.test("CreateStack() leaves nothing when a resource cannot be made", async () => {
  await using at = await open();
  at.aws.faults.brokenResources.set("AWS::IAM::InstanceProfile", "No more profiles");
  await at.create();
  const { StackStatus, StackStatusReason } = await at.settled();
  deepStrictEqual([StackStatus, StackStatusReason], ["ROLLBACK_COMPLETE", "No more profiles"]);
  const { StackEvents = [] } = await at.cloudFormation.send(
    new DescribeStackEventsCommand({ StackName }),
  );
  const failure = StackEvents.find((event) => event.ResourceStatus === "CREATE_FAILED");
  strictEqual(failure?.ResourceStatusReason, "No more profiles");
  strictEqual(StackEvents.at(-1)?.ResourceStatus, "CREATE_IN_PROGRESS");
  deepStrictEqual([at.aws.buckets.size, at.aws.region().region.subnets.size], [0, 0]);
});

Deno.test("UpdateStack() changes what is different, and says when nothing is", async () => {
  await using at = await open();
  const before = await deployStack(at.clients);
  const update = (Parameters: CreateStackCommandInput["Parameters"]) =>
    at.cloudFormation.send(new UpdateStackCommand({ ...at.input, Parameters }));
  const kept = { ParameterKey: "RunnerCidr", UsePreviousValue: true };
  await rejects(update([kept]), { message: "No updates are to be performed." });
  await update([kept, { ParameterKey: "ZoneCount", ParameterValue: "3" }]);
  const { StackStatus, Outputs = [] } = await at.settled();
  strictEqual(StackStatus, "UPDATE_COMPLETE");
  const after = Object.fromEntries(Outputs.map((each) => [each.OutputKey, each.OutputValue]));
  strictEqual(after.BucketName, before.BucketName);
  strictEqual(after.Zone3, "us-east-1c");
  await update([{ ParameterKey: "RunnerCidr", ParameterValue: "192.0.2.1/32" }]);
  await at.settled();
  const { rules } = at.aws.region().region.securityGroups.get(before.SecurityGroupId!)!;
  deepStrictEqual([...rules.values()].map(({ cidr }) => cidr), [undefined, "192.0.2.1/32"]);
  strictEqual(at.aws.region().region.subnets.size, 2);
});

Deno.test("DeleteStack() removes everything, but not what is in use", async () => {
  await using at = await open();
  const outputs = await deployStack(at.clients);
  const remove = async (): Promise<Stack> => {
    const { StackId } = await at.settled();
    await at.cloudFormation.send(new DeleteStackCommand({ StackName }));
    return await at.settled(StackId);
  };
  await at.clients.s3.send(
    new PutObjectCommand({ Bucket: outputs.BucketName, Key: "k", Body: "content" }),
  );
  match((await remove()).StackStatusReason!, /BucketNotEmpty/);
  at.aws.buckets.get(outputs.BucketName!)!.objects.clear();
  await at.clients.ec2.send(new RunInstancesCommand(launchInput(outputs)));
  match((await remove()).StackStatusReason!, /has dependencies/);
  const [instance] = at.aws.instances;
  at.aws.retire(instance!.id);
  await instance!.gone.promise;
  strictEqual((await remove()).StackStatus, "DELETE_COMPLETE");
  await rejects(at.settled(), { message: /does not exist/ });
  deepStrictEqual([at.aws.buckets.size, at.aws.region().region.subnets.size], [0, 0]);
});
