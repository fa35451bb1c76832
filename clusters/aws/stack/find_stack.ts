import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { BackendUnusableError } from "../../errors.ts";
import type { Aws } from "../aws.ts";
import { describeStack } from "./describe_stack.ts";
import { stackCommand } from "./stack_command.ts";
import { readStack, type Stack } from "./stack.ts";
import { DEFAULT_STACK_NAME, stackNameOr } from "./stack_name.ts";

/** There is no stack, or none that can be used. */
export class MissingStackError extends BackendUnusableError {}

/** Which stack to find. */
export interface FindStackOptions {
  /** @default `CLUSTERTEST_STACK`, or "clustertest" */
  readonly stackName?: string | undefined;
  /** Aborting ends the search. */
  readonly signal?: AbortSignal | undefined;
}

/** What was found, by endpoint, credentials, region and name. What was not is looked for again. */
const found = new Map<string, Stack>();

/**
 * Finds what the stack of this account and region has made, by its exports: in one call, and only the
 * first time in a process. Throws a `BackendUnusableError` when it is not there, or not as it should
 * be: then it is a `MissingStackError`. Needs the permission `cloudformation:DescribeStacks`.
 */
export async function findStack(aws: Aws, options: FindStackOptions = {}): Promise<Stack> {
  const name = stackNameOr(options.stackName);
  const search = { name, signal: options.signal };
  const endpoint = Deno.env.get("AWS_ENDPOINT_URL");
  const key = JSON.stringify([endpoint, await accessKeyId(aws, search), aws.region, name]);
  const known = found.get(key);
  if (known !== undefined) return known;
  const stack = await lookUp(aws, search);
  found.set(key, stack);
  return stack;
}

interface StackSearch {
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

async function accessKeyId(aws: Aws, { name, signal }: StackSearch): Promise<string> {
  const get = () => aws.cloudFormation.config.credentials();
  return (await aws.call(`find the stack "${name}"`, get, { signal })).accessKeyId;
}

async function lookUp(aws: Aws, { name, signal }: StackSearch): Promise<Stack> {
  const described = await aws.call(
    `find the stack "${name}"`,
    ({ abortSignal }) => describeStack(aws.cloudFormation, { name, abortSignal }),
    { signal },
  );
  if (described === undefined) throw await missingStack(aws, { name, signal });
  const stack = readStack(described);
  if (typeof stack !== "string") return stack;
  throw unusable(aws, {
    name,
    reason: `the stack "${name}" in region "${aws.region}" cannot be used: ${stack}`,
  });
}

/** The error says which account was looked at: a wrong one is as likely as a wrong region. */
async function missingStack(aws: Aws, { name, signal }: StackSearch): Promise<MissingStackError> {
  const { Account } = await aws.call(
    "tell whose account this is",
    (options) => aws.sts.send(new GetCallerIdentityCommand(), options),
    { signal },
  );
  return unusable(aws, {
    name,
    reason: `account ${Account} has no stack "${name}" in region "${aws.region}"`,
    hint: ", or choose the region or profile where it is",
  });
}

function unusable(
  { backend, region, profile }: Aws,
  { name, reason, hint = "" }: { name: string; reason: string; hint?: string },
): MissingStackError {
  const stackName = name === DEFAULT_STACK_NAME ? undefined : name;
  const command = stackCommand("setup", { region, profile, stackName });
  return new MissingStackError({
    backend,
    reason,
    remedy: `Set it up, once, with \`${command}\`${hint}`,
  });
}
