/**
 * `deno task aws:setup`: makes, once for each account and region, what nodes on EC2 need.
 *
 * @module
 */
import type { Stack as DescribedStack } from "@aws-sdk/client-cloudformation";
import { parseArgs } from "node:util";
import { Aws } from "../clusters/aws/aws.ts";
import { AGENT_PORT } from "../clusters/aws/stack/agent_port.ts";
import { describeStack } from "../clusters/aws/stack/describe_stack.ts";
import { checkCidr, cidrContains } from "../clusters/aws/stack/setup/cidr.ts";
import { countZones, MAX_ZONES } from "../clusters/aws/stack/setup/count_zones.ts";
import { deployStack, type StackParameters } from "../clusters/aws/stack/setup/deploy_stack.ts";
import {
  ADDRESS_SERVICE,
  ADDRESS_VARIABLE,
  ownAddress,
} from "../clusters/aws/stack/setup/own_address.ts";
import { outputsOf } from "../clusters/aws/stack/stack.ts";
import { stackCommand } from "../clusters/aws/stack/stack_command.ts";
import { DEFAULT_STACK_NAME, stackNameOr } from "../clusters/aws/stack/stack_name.ts";
import { accountLine, confirmed, shownEvent, STACK_OPTIONS } from "./aws_terminal.ts";
import { print, runTask } from "./run_task.ts";

const HELP = `Sets up an AWS account and region for nodes on EC2, once: a stack with a network, a
security group, a role that allows nothing, and a bucket whose objects expire. Nothing of it costs
anything while no test runs. A stack that is there is brought up to date.

Usage: deno task aws:setup [options]

  --region REGION    Where (default: what the AWS command line would take)
  --profile PROFILE  Whose credentials (default: the same)
  --cidr CIDR        IPv4 addresses from which tests are run; from others nobody reaches the nodes'
                     agents, and nothing but the agents can be reached. Default: the address of this
                     machine, as ${ADDRESS_SERVICE} sees it, or the service whose
                     address is in $${ADDRESS_VARIABLE}. It is asked only if this is missing.
  --zones NUMBER     Availability zones to have subnets in, 1 to ${MAX_ZONES} (default: all)
  --stack-name NAME  (default: $CLUSTERTEST_STACK, or "${DEFAULT_STACK_NAME}")
  --yes              Do not ask first
  --help             Show this

What is not said keeps its value in a stack that is there. Whoever runs this has to be allowed to
make networks, buckets and roles; whoever runs tests needs only what "deno task aws:policy" prints.
"deno task aws:teardown" removes all of it.
`;

/** Runs the task; resolves to its exit code. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { ...STACK_OPTIONS, cidr: { type: "string" }, zones: { type: "string" } },
  });
  if (values.help) return print(HELP);
  const name = stackNameOr(values["stack-name"]);
  if (values.cidr !== undefined) checkCidr(values.cidr);
  if (values.zones !== undefined) checkZones(values.zones);
  using aws = await Aws.open(values);
  const account = await accountLine(aws);
  const current = await aws.call(
    `find the stack "${name}"`,
    ({ abortSignal }) => describeStack(aws.cloudFormation, { name, abortSignal }),
  );
  const parameters = await parametersFor(aws, { current, ...values });
  print(`${account}\n${plan(name, { current, parameters })}`);
  if (!confirmed(values.yes)) return 1;
  const { outcome, stack } = await deployStack(aws, {
    name,
    current,
    parameters,
    onEvent: (event) => print(shownEvent(event)),
  });
  return print(report(outcome, { stack, aws }));
}

function checkZones(zones: string): void {
  if (/^\d+$/.test(zones) && Number(zones) >= 1 && Number(zones) <= MAX_ZONES) return;
  throw new RangeError(`--zones must be a number from 1 to ${MAX_ZONES}, not "${zones}"`);
}

/** The parameters that are given; for a new stack also the defaults of the others. */
async function parametersFor(
  aws: Aws,
  { current, cidr, zones }: {
    current: DescribedStack | undefined;
    cidr?: string | undefined;
    zones?: string | undefined;
  },
): Promise<StackParameters> {
  return {
    RunnerCidr: cidr ?? await proposedCidr(parameterOf(current, "RunnerCidr")),
    ZoneCount: zones ??
      (parameterOf(current, "ZoneCount") ? undefined : String(await countZones(aws))),
  };
}

/** The address range of this machine alone, unless one that is let in already has it. */
async function proposedCidr(current: string | undefined): Promise<string | undefined> {
  const address = await ownAddress({ service: Deno.env.get(ADDRESS_VARIABLE) || undefined });
  return current !== undefined && cidrContains(current, address) ? undefined : `${address}/32`;
}

function parameterOf(stack: DescribedStack | undefined, key: string): string | undefined {
  return stack?.Parameters?.find(({ ParameterKey }) => ParameterKey === key)?.ParameterValue;
}

function plan(
  name: string,
  { current, parameters }: { current: DescribedStack | undefined; parameters: StackParameters },
): string {
  const was = parameterOf(current, "RunnerCidr");
  const cidr = parameters.RunnerCidr ?? was;
  const zones = parameters.ZoneCount ?? parameterOf(current, "ZoneCount");
  const instead = was !== undefined && was !== cidr ? `, and no longer from ${was}` : "";
  return `The stack "${name}" will be ${
    current ? "brought up to date" : "made"
  }. At rest it costs ` +
    `nothing.\n  Agents (port ${AGENT_PORT}) can be reached from ${cidr}${instead}\n` +
    `  Zones: ${zones}\n`;
}

function report(outcome: string, { stack, aws }: { stack: DescribedStack; aws: Aws }): string {
  const outputs = [...outputsOf(stack)].map(([key, value]) => `  ${key} = ${value}\n`);
  const policy = stackCommand("policy", { region: aws.region, profile: aws.profile });
  return `The stack "${stack.StackName}" is ${
    outcome === "unchanged" ? "up to date" : outcome
  }:\n` +
    `${outputs.join("")}\nWho runs tests needs the policy that \`${policy}\` prints. Then:\n` +
    `  CLUSTERTEST_BACKEND=ec2 AWS_REGION=${aws.region} deno task demo\n`;
}

if (import.meta.main) await runTask(main);
