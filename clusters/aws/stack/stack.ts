import type { Stack as DescribedStack } from "@aws-sdk/client-cloudformation";
import { AGENT_PORT } from "./agent_port.ts";

/** What the stack of one account and region holds for nodes. */
export interface Stack {
  readonly name: string;
  readonly vpcId: string;
  /** At least one; each in a zone of its own. */
  readonly subnets: readonly StackSubnet[];
  readonly securityGroupId: string;
  /** Name of the bucket. */
  readonly bucket: string;
  readonly instanceProfileArn: string;
  /** Addresses from which tests are run, as in "203.0.113.7/32": nodes let nobody else in. */
  readonly runnerCidr: string | undefined;
}

/** Where nodes of one zone are. */
export interface StackSubnet {
  readonly id: string;
  /** As in "us-east-1a". */
  readonly zone: string;
}

/** States in which a stack has everything, though a change of it may be under way or have failed. */
const USABLE = /^(CREATE|IMPORT|UPDATE)_COMPLETE$|^UPDATE_/;

/** What the described stack holds, or, if that is not all of it, a clause that says why. */
export function readStack(described: DescribedStack): Stack | string {
  const { StackName: name = "", StackStatus: status = "", StackStatusReason: reason } = described;
  if (!USABLE.test(status)) return `it is in state ${status}${reason ? ` (${reason})` : ""}`;
  const outputs = outputsOf(described);
  const missing = REQUIRED.find((key) => !outputs.get(key));
  if (missing !== undefined) return `it is of another version and has no output "${missing}"`;
  if (outputs.get("AgentPort") !== String(AGENT_PORT)) {
    return `it is of another version and does not open port ${AGENT_PORT}`;
  }
  return {
    name,
    vpcId: outputs.get("VpcId")!,
    subnets: subnetsOf(outputs),
    securityGroupId: outputs.get("SecurityGroupId")!,
    bucket: outputs.get("BucketName")!,
    instanceProfileArn: outputs.get("InstanceProfileArn")!,
    runnerCidr: parameterOf(described, "RunnerCidr"),
  };
}

/** Outputs without which nothing can be launched. */
const REQUIRED: readonly string[] = [
  "VpcId",
  "Subnet1Id",
  "Zone1",
  "SecurityGroupId",
  "BucketName",
  "InstanceProfileArn",
  "AgentPort",
];

/** The outputs of a stack by their keys. */
export function outputsOf({ Outputs = [] }: DescribedStack): ReadonlyMap<string, string> {
  return new Map(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

function parameterOf({ Parameters = [] }: DescribedStack, key: string): string | undefined {
  return Parameters.find(({ ParameterKey }) => ParameterKey === key)?.ParameterValue;
}

function subnetsOf(outputs: ReadonlyMap<string, string>): StackSubnet[] {
  const subnets: StackSubnet[] = [];
  for (let number = 1; outputs.has(`Subnet${number}Id`); number++) {
    const zone = outputs.get(`Zone${number}`) ?? "";
    subnets.push({ id: outputs.get(`Subnet${number}Id`)!, zone });
  }
  return subnets;
}
