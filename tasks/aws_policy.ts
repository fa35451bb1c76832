/**
 * `deno task aws:policy`: prints the permissions that running tests on EC2 needs.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { calledCommands } from "../clusters/aws/stack/policy/called_commands.ts";
import { makePolicy } from "../clusters/aws/stack/policy/make_policy.ts";
import { narrowPolicy } from "../clusters/aws/stack/policy/narrow_policy.ts";
import type { Policy } from "../clusters/aws/stack/policy/policy.ts";
import runnerPolicy from "../clusters/aws/stack/policy/runner_policy.json" with { type: "json" };
import { DEFAULT_STACK_NAME, stackNameOr } from "../clusters/aws/stack/stack_name.ts";
import { print, runTask } from "./run_task.ts";

const HELP =
  `Prints the IAM policy that whoever runs tests on EC2 needs: what the library calls, on what
it made itself, and nothing else. It asks nothing of AWS.

Usage: deno task aws:policy [options]

  --account NUMBER   Confine it to one account (default: whichever it is attached in)
  --region REGION    Confine it to one region (default: all)
  --profile PROFILE  Ignored, so that the options of aws:setup can be given here, too
  --stack-name NAME  (default: $CLUSTERTEST_STACK, or "${DEFAULT_STACK_NAME}")
  --update           Make it anew from the calls in the sources, for who changes them
  --help             Show this

Tests that use subnets or security groups of their own need "ec2:RunInstances" on those, too.
`;

const FILE = new URL("../clusters/aws/stack/policy/runner_policy.json", import.meta.url);

/** Runs the task; resolves to its exit code. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      account: { type: "string" },
      region: { type: "string" },
      profile: { type: "string" },
      "stack-name": { type: "string" },
      update: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return print(HELP);
  if (values.update) return await update();
  const stackName = stackNameOr(values["stack-name"]);
  return print(formatted(narrowPolicy(runnerPolicy as Policy, { ...values, stackName })));
}

async function update(): Promise<number> {
  await Deno.writeTextFile(FILE, formatted(makePolicy(await calledCommands())));
  return print("Wrote clusters/aws/stack/policy/runner_policy.json\n");
}

function formatted(policy: Policy): string {
  return `${JSON.stringify(policy, null, 2)}\n`;
}

if (import.meta.main) await runTask(main);
