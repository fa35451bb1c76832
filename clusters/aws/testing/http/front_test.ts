import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { DescribeInstancesCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { HeadBucketCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { ACCOUNT } from "../account.ts";
import { AwsServer } from "../aws_server.ts";
import { AwsClients } from "../clients.ts";

const PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

/** A call of each service. */
const CALLS = {
  ec2: ({ ec2 }: AwsClients) => ec2.send(new DescribeInstancesCommand({})),
  s3: ({ s3 }: AwsClients) => s3.send(new ListObjectsV2Command({ Bucket: "none" })),
  cloudformation: ({ cloudFormation }: AwsClients) =>
    cloudFormation.send(new DescribeStacksCommand({})),
  ssm: ({ ssm }: AwsClients) => ssm.send(new GetParameterCommand({ Name: PARAMETER })),
  sts: ({ sts }: AwsClients) => sts.send(new GetCallerIdentityCommand({})),
};

async function rejections(clients: AwsClients): Promise<string[]> {
  const calls = Object.values(CALLS).map((call) => call(clients));
  const outcomes = await Promise.allSettled<unknown>(calls);
  return outcomes.map((outcome) => outcome.status === "rejected" ? outcome.reason.name : "");
}

Deno.test("the server knows who calls, and which image is current", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  using clients = new AwsClients(aws);
  strictEqual((await CALLS.sts(clients)).Account, ACCOUNT);
  match((await CALLS.ssm(clients)).Parameter!.Value!, /^ami-[0-9a-f]{17}$/);
  const unknown = new GetParameterCommand({ Name: "/aws/service/none" });
  await rejects(clients.ssm.send(unknown), { name: "ParameterNotFound" });
  deepStrictEqual(aws.journal.counts(), { "sts:GetCallerIdentity": 1, "ssm:GetParameter": 2 });
});

Deno.test("the server refuses keys that it does not know, and signatures of other keys", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  using unknown = new AwsClients(aws, { accessKeyId: "AKIAUNKNOWN" });
  deepStrictEqual(await rejections(unknown), [
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
  ]);
  using forged = new AwsClients(aws, { secretAccessKey: "guessed" });
  deepStrictEqual(await rejections(forged), [
    "AuthFailure",
    "SignatureDoesNotMatch",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
  ]);
  const unsigned = await fetch(aws.endpoint);
  deepStrictEqual([unsigned.status, await unsigned.text()], [403, "The request is not signed"]);
});

Deno.test("the server fails in each service's own words", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  using clients = new AwsClients(aws);
  aws.faults.throttled.set("*", 5);
  deepStrictEqual(await rejections(clients), [
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "Throttling",
  ]);
  deepStrictEqual(await rejections(clients), ["", "NoSuchBucket", "", "", ""]);
  const actions = ["ec2:DescribeInstances", "s3:ListObjectsV2", "cloudformation:DescribeStacks"];
  for (const each of actions) aws.faults.denied.add(each);
  const denied = ["UnauthorizedOperation", "AccessDenied", "AccessDenied", "", ""];
  deepStrictEqual(await rejections(clients), denied);
  aws.faults.credentialsExpired = true;
  deepStrictEqual(await rejections(clients), [
    "RequestExpired",
    "ExpiredToken",
    "ExpiredToken",
    "ExpiredTokenException",
    "ExpiredToken",
  ]);
});

Deno.test("the server refuses what it does not do, and parameters that nobody knows", async () => {
  await using aws = await AwsServer.start({ machines: "simulated" });
  using clients = new AwsClients(aws);
  await rejects(clients.ec2.send(new DescribeVpcsCommand({})), { name: "NotImplemented" });
  clients.ec2.middlewareStack.add((next) => (args) => {
    const request = args.request as { body: string; headers: Record<string, string> };
    request.body += "&Colour=blue";
    request.headers["content-length"] = String(request.body.length);
    return next(args);
  }, { step: "build" });
  await rejects(CALLS.ec2(clients), {
    name: "UnknownParameter",
    message: "The parameter Colour is not recognized",
  });
  // A HEAD has no body that could say more.
  await rejects(clients.s3.send(new HeadBucketCommand({ Bucket: "none" })), { name: "NotFound" });
  deepStrictEqual(aws.journal.entries.map(({ error }) => error), [
    "NotImplemented",
    "UnknownParameter",
    "NoSuchBucket",
  ]);
});
