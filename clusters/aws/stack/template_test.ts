import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { AGENT_PORT } from "./agent_port.ts";
import type { Template } from "./idle_cost.ts";
import { MAX_ZONES } from "./setup/count_zones.ts";
import template from "./template.json" with { type: "json" };

const resources = Object.values((template as Template).Resources);

function only(type: string): Readonly<Record<string, unknown>> {
  const found = resources.filter(({ Type }) => Type === type);
  strictEqual(found.length, 1, type);
  return found[0]!.Properties ?? {};
}

Deno.test("the template lets in the agents' port alone, from the parameter's addresses", () => {
  const rules = only("AWS::EC2::SecurityGroup").SecurityGroupIngress as unknown[];
  deepStrictEqual(rules, [{
    CidrIp: { Ref: "RunnerCidr" },
    Description: "Agents, from where tests are run",
    FromPort: AGENT_PORT,
    IpProtocol: "tcp",
    ToPort: AGENT_PORT,
  }]);
  const { SourceSecurityGroupId, GroupId } = only("AWS::EC2::SecurityGroupIngress");
  deepStrictEqual(SourceSecurityGroupId, GroupId);
});

Deno.test("the template has a role that allows nothing", () => {
  const role = only("AWS::IAM::Role");
  strictEqual(role.Policies, undefined);
  strictEqual(role.ManagedPolicyArns, undefined);
});

Deno.test("the template has a bucket that is private, encrypted, and forgets", () => {
  const bucket = only("AWS::S3::Bucket");
  deepStrictEqual(Object.values(bucket.PublicAccessBlockConfiguration!), [true, true, true, true]);
  const [rule] = (bucket.LifecycleConfiguration as { Rules: Record<string, unknown>[] }).Rules;
  strictEqual(rule!.ExpirationInDays, 30);
  strictEqual(rule!.Status, "Enabled");
  const { Statement } = only("AWS::S3::BucketPolicy").PolicyDocument as {
    Statement: { Effect: string; Condition: unknown }[];
  };
  deepStrictEqual(Statement.map(({ Effect, Condition }) => [Effect, Condition]), [
    ["Deny", { Bool: { "aws:SecureTransport": "false" } }],
  ]);
});

Deno.test("the template has a subnet for each zone that can be asked for", () => {
  strictEqual(resources.filter(({ Type }) => Type === "AWS::EC2::Subnet").length, MAX_ZONES);
  strictEqual(template.Parameters.ZoneCount.MaxValue, MAX_ZONES);
});

Deno.test("the template exports each of its outputs under the stack's name", () => {
  for (const [name, { Export }] of Object.entries(template.Outputs)) {
    deepStrictEqual(Export.Name, { "Fn::Join": ["", [{ Ref: "AWS::StackName" }, `-${name}`]] });
  }
});

Deno.test("the template is short enough to be sent with the request", () => {
  ok(JSON.stringify(template).length <= 51_200);
});
