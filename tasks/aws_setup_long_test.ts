import { PutObjectCommand } from "@aws-sdk/client-s3";
import { RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { AwsServer } from "../clusters/aws/testing/aws_server.ts";
import { AwsClients } from "../clusters/aws/testing/clients.ts";
import { launchInput, type StackOutputs } from "../clusters/aws/testing/deployed_stack.ts";

/** What a program left behind. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program as a user of this account would. */
async function run(
  aws: AwsServer,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...args],
    cwd: new URL("..", import.meta.url),
    env: { ...aws.env, CLUSTERTEST_STACK: "", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Sets up, with the arguments that a machine without a way out needs. */
function setUp(aws: AwsServer, ...args: string[]): Promise<Ended> {
  return run(aws, ["tasks/aws_setup.ts", "--cidr", "127.0.0.1/32", "--yes", ...args]);
}

function tearDown(aws: AwsServer, ...args: string[]): Promise<Ended> {
  return run(aws, ["tasks/aws_teardown.ts", "--yes", ...args]);
}

/** Looks for the stack as the backend does, in a process of its own. */
function find(aws: AwsServer): Promise<Ended> {
  return run(aws, ["clusters/ec2/testing/print_stack.ts"]);
}

/** What a set-up printed, as `Key = value` lines. */
function outputsIn({ stdout }: Ended): StackOutputs {
  return Object.fromEntries(
    [...stdout.matchAll(/^ {2}(\w+) = (.*)$/gm)].map(([, ...pair]) => pair),
  );
}

Deno.test("aws:setup makes what the backend finds, and aws:teardown removes it", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  const made = await setUp(aws);
  strictEqual(made.code, 0, made.stderr);
  match(made.stdout, /will be made\. At rest it costs nothing/);
  match(made.stdout, /CREATE_COMPLETE +Vpc \(AWS::EC2::VPC\)/);
  const outputs = outputsIn(made);
  aws.journal.clear();
  const found = JSON.parse((await find(aws)).stdout);
  strictEqual(found.vpcId, outputs.VpcId);
  strictEqual(found.bucket, outputs.BucketName);
  deepStrictEqual(
    found.subnets.map(({ zone }: { zone: string }) => zone),
    ["a", "b", "c", "d", "e", "f"].map((letter) => `us-east-1${letter}`),
  );
  deepStrictEqual(aws.journal.counts(), { "cloudformation:DescribeStacks": 1 });

  const again = await setUp(aws);
  match(again.stdout, /The stack "clustertest" is up to date:/);

  const gone = await tearDown(aws);
  strictEqual(gone.code, 0, gone.stderr);
  match(gone.stdout, /The stack "clustertest" is gone/);
  match((await tearDown(aws)).stdout, /There is no stack "clustertest": nothing to remove/);
  strictEqual(aws.region().stacks.current.length, 0);
});

Deno.test("aws:setup changes what is asked for and keeps the rest", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  await setUp(aws, "--zones", "2");
  const args = ["tasks/aws_setup.ts", "--cidr", "127.0.0.0/8", "--yes"];
  const changed = await run(aws, args);
  match(changed.stdout, /can be reached from 127\.0\.0\.0\/8, and no longer from 127\.0\.0\.1\/32/);
  match(changed.stdout, /Zones: 2\n/);
  match(changed.stdout, /The stack "clustertest" is updated:/);
  strictEqual("Subnet3Id" in outputsIn(changed), false);
});

Deno.test("aws:setup lets in the address of this machine, unless it is let in already", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  let address = "203.0.113.7";
  await using service = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(`${address}\n`),
  );
  const env = { CLUSTERTEST_ADDRESS_SERVICE: `http://127.0.0.1:${service.addr.port}` };
  const set = (...args: string[]) => run(aws, ["tasks/aws_setup.ts", "--yes", ...args], env);
  match((await set()).stdout, /can be reached from 203\.0\.113\.7\/32\n/);
  match((await set()).stdout, /can be reached from 203\.0\.113\.7\/32\n[^]* is up to date:/);
  address = "203.0.113.8";
  match((await set()).stdout, /from 203\.0\.113\.8\/32, and no longer from 203\.0\.113\.7\/32\n/);
  await set("--cidr", "203.0.113.0/24");
  match((await set()).stdout, /can be reached from 203\.0\.113\.0\/24\n[^]* is up to date:/);
});

Deno.test("aws:setup says which resource failed, and leaves nothing", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  const reason = "The maximum number of VPCs has been reached.";
  aws.faults.brokenResources.set("AWS::EC2::VPC", reason);
  const { code, stderr } = await setUp(aws);
  strictEqual(code, 1);
  strictEqual(stderr, `Cannot set up the stack "clustertest": Vpc (AWS::EC2::VPC): ${reason}\n`);
  strictEqual(aws.region().stacks.current.length, 0);
  aws.faults.brokenResources.clear();
  strictEqual((await setUp(aws)).code, 0);
});

Deno.test("aws:teardown empties the bucket", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  using clients = new AwsClients(aws);
  const { BucketName: Bucket } = outputsIn(await setUp(aws));
  for (let number = 0; number < 3; number++) {
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: `agents/${number}`, Body: "agent" }));
  }
  const { code, stderr } = await tearDown(aws);
  strictEqual(code, 0, stderr);
  strictEqual(aws.journal.count("s3", "DeleteObjects"), 1);
});

Deno.test("aws:teardown refuses while instances are in the network", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  using clients = new AwsClients(aws);
  const input = launchInput(outputsIn(await setUp(aws)));
  const { Instances = [] } = await clients.ec2.send(new RunInstancesCommand(input));
  const id = Instances[0]!.InstanceId!;
  const { code, stderr } = await tearDown(aws);
  strictEqual(code, 1);
  match(stderr, new RegExp(`instances are still in its network \\(${id}\\).*task sweep`));
  await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await aws.instance(id).gone.promise;
});

Deno.test("aws:setup asks nothing when it cannot be answered", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  const { code, stderr } = await run(aws, ["tasks/aws_setup.ts", "--cidr", "127.0.0.1/32"]);
  strictEqual(code, 1);
  match(stderr, /Cannot ask whether to go on: .* --yes/);
  strictEqual(aws.journal.count("cloudformation", "CreateStack"), 0);
});

for (
  const [args, message] of [
    [["--cidr", "everybody"], /Cannot let in "everybody": it is not a range of IPv4 addresses/],
    [["--zones", "7"], /--zones must be a number from 1 to 6, not "7"/],
    [["--stack-name", "1st"], /Cannot name a stack "1st"/],
  ] as const
) {
  Deno.test(`aws:setup refuses ${args.join(" ")} before it asks AWS anything`, async () => {
    await using aws = await AwsServer.start({ machines: "simulated" });
    const { code, stderr } = await run(aws, ["tasks/aws_setup.ts", ...args]);
    strictEqual(code, 1);
    match(stderr, message);
    strictEqual(aws.journal.count(), 0);
  });
}

Deno.test("findStack() says which account and region it searched when there is no stack", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  const { stderr } = await find(aws);
  strictEqual(
    stderr,
    'Cannot use backend "ec2": account 000000000000 has no stack "clustertest" in region ' +
      '"us-east-1". Set it up, once, with `deno task aws:setup --region us-east-1`, or choose the ' +
      "region or profile where it is\n",
  );
});

Deno.test("findStack() says what to do when a permission is missing", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  aws.faults.denied.add("cloudformation:DescribeStacks");
  const { stderr } = await find(aws);
  match(stderr, /a permission is missing to find the stack "clustertest": .*DescribeStacks/);
  match(stderr, /Attach the policy that `deno task aws:policy --region us-east-1` prints/);
});

Deno.test("findStack() says what to do when the credentials have expired", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  aws.faults.credentialsExpired = true;
  match((await find(aws)).stderr, /the AWS credentials have expired\. Get new ones with `aws sso/);
});
