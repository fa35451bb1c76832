import { DEFAULT_STACK_NAME } from "../stack_name.ts";
import type { Policy } from "./policy.ts";

/** What a policy is to be confined to. */
export interface PolicyScope {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly stackName?: string | undefined;
}

/** The policy for one account, region and stack, as far as they are said. */
export function narrowPolicy(policy: Policy, scope: PolicyScope): Policy {
  const { stackName = DEFAULT_STACK_NAME } = scope;
  const Statement = policy.Statement.map(({ Resource, Condition, ...rest }) => ({
    ...rest,
    Resource: Resource.map((arn) => arn === "*" ? arn : narrowArn(arn, scope)),
    ...(Condition === undefined ? {} : {
      Condition: {
        StringEquals: Object.fromEntries(
          Object.entries(Condition.StringEquals).map((
            [key, value],
          ) => [key, key.endsWith(":stack") ? stackName : value]),
        ),
      },
    }),
  }));
  return { ...policy, Statement };
}

function narrowArn(
  arn: string,
  { account = "*", region = "*", stackName = DEFAULT_STACK_NAME }: PolicyScope,
): string {
  const [, , service = "", inRegion, ofAccount, resource = ""] = arn.split(":");
  // CloudFormation makes names of buckets from the stack's, without capital letters.
  const name = service === "s3" ? stackName.toLowerCase() : stackName;
  return [
    "arn",
    partitionOf(region),
    service,
    inRegion === "*" ? region : "",
    ofAccount === "*" ? account : "",
    resource.replace(/^(stack\/|role\/|)clustertest(?=[-/])/, `$1${name}`),
  ].join(":");
}

/** China's regions and those of the American government are worlds of their own. */
function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
