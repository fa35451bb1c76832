import { type App, Aws, CfnParameter, LegacyStackSynthesizer, Stack, Tags } from "aws-cdk-lib";
import { addBucket } from "./bucket.ts";
import { addInstanceProfile } from "./instance_profile.ts";
import { addNetwork, MAX_ZONES } from "./network.ts";
import { addOutputs } from "./outputs.ts";

/**
 * Everything that instances need to be there before a run starts, and nothing that costs anything
 * while no run is on: a network without NAT gateways, a security group, a role without permissions,
 * and a bucket whose objects expire.
 *
 * Its template is the same for every account, region and name.
 */
export class ClustertestStack extends Stack {
  /** `stackName` is for the CDK command line: nothing in the template depends on it. */
  constructor(app: App, id: string, { stackName }: { stackName: string }) {
    super(app, id, {
      stackName,
      description: "clustertest: what test nodes on EC2 need. Costs nothing while no test runs.",
      analyticsReporting: false,
      // The others assume roles, or send to a bucket, that `cdk bootstrap` would have to make first.
      synthesizer: new LegacyStackSynthesizer(),
    });
    const network = addNetwork(this, {
      runnerCidr: runnerCidr(this),
      zoneCount: zoneCount(this),
    });
    const bucket = addBucket(this);
    const { role, profile } = addInstanceProfile(this);
    addOutputs(this, { network, bucket, role, profile });
    // The tags of the stack itself, which would be a part of these, must not be references.
    const resources = { excludeResourceTypes: ["aws:cdk:stack"] };
    Tags.of(this).add("Name", Aws.STACK_NAME, resources);
    Tags.of(this).add("clustertest:stack", Aws.STACK_NAME, resources);
  }
}

function runnerCidr(stack: Stack): string {
  const parameter = new CfnParameter(stack, "RunnerCidr", {
    description: "IPv4 addresses from which tests are run: who may reach the agents' port.",
    allowedPattern: String.raw`^(\d{1,3}\.){3}\d{1,3}/\d{1,2}$`,
    constraintDescription: "must be an IPv4 range such as 203.0.113.7/32",
  });
  return parameter.valueAsString;
}

function zoneCount(stack: Stack): CfnParameter {
  return new CfnParameter(stack, "ZoneCount", {
    description: "Over how many of the region's availability zones nodes can be spread.",
    type: "Number",
    default: 2,
    minValue: 1,
    maxValue: MAX_ZONES,
  });
}
