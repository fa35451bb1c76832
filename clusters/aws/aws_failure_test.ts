import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { match, ok, rejects, strictEqual } from "node:assert/strict";
import { BackendUnusableError } from "../errors.ts";
import { awsFailure } from "./aws_failure.ts";

const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };

/** The error of the SDK for an answer that AWS gives. */
async function refusal(code: string, message: string): Promise<unknown> {
  const body =
    `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error>` +
    `<Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  const headers = { "content-type": "text/xml" };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(body, { status: 400, headers }),
  );
  return await failedCall(`http://127.0.0.1:${server.addr.port}`);
}

async function failedCall(endpoint: string, credentials = CREDENTIALS): Promise<unknown> {
  const client = new CloudFormationClient({
    region: "eu-west-1",
    endpoint,
    credentials,
    maxAttempts: 1,
  });
  try {
    return await client.send(new DescribeStacksCommand()).then(() => undefined, (error) => error);
  } finally {
    client.destroy();
  }
}

const call = { what: "launch instances", backend: "ec2", region: "eu-west-1", profile: "work" };

/** What AWS says, what the message has to say of it, and the command that it has to name. */
const refusals: [code: string, message: string, reason: RegExp, remedy: RegExp][] = [
  [
    "ExpiredToken",
    "The security token included in the request is expired",
    /the AWS credentials of profile "work" have expired\./,
    /`aws sso login --profile work`/,
  ],
  [
    "InvalidClientTokenId",
    "The security token included in the request is invalid.",
    /does not accept the credentials of profile "work" in region "eu-west-1": The security token/,
    /`aws sts get-caller-identity --profile work`/,
  ],
  [
    "RequestExpired",
    "Request has expired.",
    /the AWS credentials of profile "work" have expired, or the clock .* is wrong: Request has expired\./,
    /^Get new .*`aws sso login --profile work`.*`timedatectl/,
  ],
  [
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
    /the time of this machine: The difference/,
    /^Set its clock: `timedatectl/,
  ],
  [
    "AccessDenied",
    "User: arn:aws:iam::1:user/x is not authorized to perform: ec2:RunInstances",
    /a permission is missing to launch instances: .*ec2:RunInstances\./,
    /`deno task aws:policy --region eu-west-1 --profile work`/,
  ],
  [
    "UnauthorizedOperation",
    "You are not authorized to perform this operation. Encoded authorization failure message: xyz",
    /a permission is missing to launch instances: You are not authorized to perform this operation\./,
    /`deno task aws:policy/,
  ],
  [
    "OptInRequired",
    "You are not subscribed to this service.",
    /region "eu-west-1" cannot be used: You are not subscribed/,
    /`aws account enable-region --region-name eu-west-1`/,
  ],
];

for (const [code, message, reason, remedy] of refusals) {
  Deno.test(`awsFailure() says what to do when AWS answers ${code}`, async () => {
    const cause = await refusal(code, message);
    const failure = awsFailure(cause, call);
    ok(failure instanceof BackendUnusableError);
    match(failure.message, reason);
    match(failure.remedy, remedy);
    strictEqual(failure.message.includes("Encoded"), false);
    strictEqual(failure.cause, cause);
  });
}

Deno.test("awsFailure() names the region when nothing answers there", async () => {
  // A port that was free a moment ago may have been taken by now.
  const failure = awsFailure(await failedCall("http://127.0.0.1:9"), call);
  ok(failure instanceof BackendUnusableError);
  match(failure.message, /AWS could not be reached in region "eu-west-1": connect ECONNREFUSED/);
});

Deno.test("awsFailure() says how to log in when there are no credentials", async () => {
  const client = new CloudFormationClient({ region: "eu-west-1", profile: "not-there" });
  const error = await client.config.credentials().then(() => undefined, (error) => error);
  client.destroy();
  const failure = awsFailure(error, { ...call, profile: "not-there" });
  ok(failure instanceof BackendUnusableError);
  match(failure.message, /there are no AWS credentials of profile "not-there": Could not/);
  match(failure.remedy, /`aws configure --profile not-there`/);
});

Deno.test("awsFailure() quotes AWS when nothing is known of what to do", async () => {
  const failure = awsFailure(await refusal("InvalidParameterValue", "No such type."), call);
  strictEqual(failure.message, "Cannot launch instances: InvalidParameterValue: No such type");
  strictEqual(failure instanceof BackendUnusableError, false);
});

Deno.test("awsFailure() leaves an abort as it is", async () => {
  const reason = new DOMException("enough", "AbortError");
  await rejects(Promise.reject(awsFailure(reason, call)), reason);
});
