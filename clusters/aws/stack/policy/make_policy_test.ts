import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { calledCommands, callsIn } from "./called_commands.ts";
import { makePolicy } from "./make_policy.ts";
import { permissions } from "./permissions.ts";
import runnerPolicy from "./runner_policy.json" with { type: "json" };

/** Characters that IAM accepts in a managed policy, without white space. */
const LONGEST = 6_144;

Deno.test("runner_policy.json is what the calls in the sources need", async () => {
  const policy = makePolicy(await calledCommands());
  deepStrictEqual(runnerPolicy, policy, "Run deno task aws:policy --update");
});

Deno.test("permissions are known of every call in the sources, and of no other", async () => {
  const calls = [...await calledCommands()].sort();
  deepStrictEqual(Object.keys(permissions).sort(), calls);
});

Deno.test("permissions that are joined differ in nothing but their actions", () => {
  const scopes = new Map<string, string>();
  for (const { sid, resources, condition } of Object.values(permissions).flat()) {
    const scope = JSON.stringify({ resources, condition });
    strictEqual(scopes.get(sid) ?? scope, scope, sid);
    scopes.set(sid, scope);
  }
});

Deno.test("runner_policy.json changes nothing that is not a test's", () => {
  for (const { Action, Resource, Condition } of runnerPolicy.Statement) {
    if (!(Resource as string[]).includes("*") || Condition !== undefined) continue;
    ok(Action.every((each) => each.startsWith("ec2:Describe")), `${Action} on everything`);
  }
});

Deno.test("runner_policy.json fits into a managed policy", () => {
  ok(JSON.stringify(runnerPolicy).length <= LONGEST);
});

Deno.test("makePolicy() allows what was called and nothing else", () => {
  deepStrictEqual(makePolicy(["s3:ListObjectsV2", "s3:ListMultipartUploads"]), {
    Version: "2012-10-17",
    Statement: [{
      Sid: "Bucket",
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
      Resource: ["arn:aws:s3:::clustertest-bucket*"],
    }],
  });
});

Deno.test("makePolicy() refuses a call of which it does not know what it needs", () => {
  throws(() => makePolicy(["ec2:CreateVpc"]), {
    message: 'Cannot make a policy that allows "ec2:CreateVpc": its permissions are not known',
  });
});

Deno.test("callsIn() finds commands that are made, whatever else is imported", () => {
  const source = [
    'import { type Instance, RunInstancesCommand } from "@aws-sdk/client-ec2";',
    'import {\n  GetObjectCommand,\n  PutObjectCommand,\n} from "@aws-sdk/client-s3";',
    "send(new RunInstancesCommand(input)); sign(new GetObjectCommand({})); new Deno.Command(x);",
  ];
  deepStrictEqual(callsIn(source.join("\n")), ["ec2:RunInstances", "s3:GetObject"]);
});
