/**
 * `deno task aws:teardown`: removes what `deno task aws:setup` made.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Aws } from "../clusters/aws/aws.ts";
import { describeStack } from "../clusters/aws/stack/describe_stack.ts";
import { deleteStack } from "../clusters/aws/stack/setup/delete_stack.ts";
import { DEFAULT_STACK_NAME, stackNameOr } from "../clusters/aws/stack/stack_name.ts";
import { accountLine, confirmed, shownEvent, STACK_OPTIONS } from "./aws_terminal.ts";
import { print, runTask } from "./run_task.ts";

const HELP =
  `Removes what "deno task aws:setup" made in an AWS account and region, with everything in
its bucket. It refuses while instances are in its network.

Usage: deno task aws:teardown [options]

  --region REGION    Where (default: what the AWS command line would take)
  --profile PROFILE  Whose credentials (default: the same)
  --stack-name NAME  (default: $CLUSTERTEST_STACK, or "${DEFAULT_STACK_NAME}")
  --yes              Do not ask first
  --help             Show this
`;

/** Runs the task; resolves to its exit code. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: STACK_OPTIONS });
  if (values.help) return print(HELP);
  const name = stackNameOr(values["stack-name"]);
  using aws = await Aws.open(values);
  print(`${await accountLine(aws)}\n`);
  const stack = await aws.call(
    `find the stack "${name}"`,
    ({ abortSignal }) => describeStack(aws.cloudFormation, { name, abortSignal }),
  );
  if (stack === undefined) return print(`There is no stack "${name}": nothing to remove\n`);
  print(`The stack "${name}" and everything in its bucket will be deleted.\n`);
  if (!confirmed(values.yes)) return 1;
  await deleteStack(aws, { stack, onEvent: (event) => print(shownEvent(event)) });
  return print(`The stack "${name}" is gone\n`);
}

if (import.meta.main) await runTask(main);
