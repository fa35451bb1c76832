import {
  CreateStackCommand,
  type Parameter,
  type Stack as DescribedStack,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import type { Aws } from "../../aws.ts";
import template from "../template.json" with { type: "json" };
import { deleteStack } from "./delete_stack.ts";
import { type FollowStackOptions, settle, type Settled } from "./settle.ts";
import { StackEvents } from "./stack_events.ts";

/** The template's parameters. */
export interface StackParameters {
  /** IPv4 addresses from which tests are run. */
  readonly RunnerCidr?: string | undefined;
  /** Over how many zones. */
  readonly ZoneCount?: string | undefined;
}

/** What to deploy. */
export interface DeployOptions extends FollowStackOptions {
  readonly name: string;
  /** The stack as it is; `undefined` when there is none. */
  readonly current: DescribedStack | undefined;
  /** Those of a stack that is there keep their values unless they are given. */
  readonly parameters: StackParameters;
}

/** What became of a stack. */
export interface Deployed {
  readonly outcome: "created" | "updated" | "unchanged";
  readonly stack: DescribedStack;
}

/** What everything of one change of a stack needs. */
type StackChange = Pick<DeployOptions, "name"> & {
  readonly TemplateBody: string;
  readonly Parameters: Parameter[];
  readonly follow: FollowStackOptions;
};

/**
 * Makes the stack, or changes it into what the template says. One that cannot be made is taken away
 * again, and the error says which resource failed, and why.
 */
export async function deployStack(aws: Aws, options: DeployOptions): Promise<Deployed> {
  const { name, parameters, onEvent, interval, signal } = options;
  const follow = { onEvent, interval, signal };
  const current = await withoutRemains(aws, { current: options.current, follow });
  const change = {
    name,
    TemplateBody: JSON.stringify(template),
    Parameters: parameterList(parameters, current),
    follow,
  };
  return current === undefined
    ? { outcome: "created", stack: await create(aws, change) }
    : await update(aws, { ...change, current });
}

/** A stack that could never be made can only be deleted. */
async function withoutRemains(
  aws: Aws,
  { current, follow }: { current: DescribedStack | undefined; follow: FollowStackOptions },
): Promise<DescribedStack | undefined> {
  if (!/^(ROLLBACK_|CREATE_FAILED|DELETE_)/.test(current?.StackStatus ?? "")) return current;
  await deleteStack(aws, { stack: current!, ...follow });
  return undefined;
}

async function create(
  aws: Aws,
  { name, follow, ...content }: StackChange,
): Promise<DescribedStack> {
  const what = `set up the stack "${name}"`;
  const command = new CreateStackCommand({
    StackName: name,
    Capabilities: ["CAPABILITY_IAM"],
    OnFailure: "ROLLBACK",
    ClientRequestToken: crypto.randomUUID(),
    ...content,
  });
  const { StackId: stackId = name } = await aws.call(
    what,
    (options) => aws.cloudFormation.send(command, options),
    { signal: follow.signal },
  );
  const events = new StackEvents(aws, stackId);
  const settled = await settle(aws, { stackId, events, ...follow });
  if (settled.stack?.StackStatus === "CREATE_COMPLETE") return settled.stack;
  if (settled.stack !== undefined) await deleteStack(aws, { stack: settled.stack, ...follow });
  throw failed(what, settled);
}

async function update(
  aws: Aws,
  { name, current, follow, ...content }: StackChange & { current: DescribedStack },
): Promise<Deployed> {
  const what = `change the stack "${name}"`;
  const { StackId: stackId = name } = current;
  const events = new StackEvents(aws, stackId);
  await events.skip(follow.signal);
  const command = new UpdateStackCommand({
    StackName: name,
    Capabilities: ["CAPABILITY_IAM"],
    ClientRequestToken: crypto.randomUUID(),
    ...content,
  });
  const changes = await aws.call(
    what,
    (options) => aws.cloudFormation.send(command, options).then(() => true, unlessUnchanged),
    { signal: follow.signal },
  );
  if (!changes) return { outcome: "unchanged", stack: current };
  const settled = await settle(aws, { stackId, events, ...follow });
  if (settled.stack?.StackStatus !== "UPDATE_COMPLETE") throw failed(what, settled);
  return { outcome: "updated", stack: settled.stack };
}

/** CloudFormation calls it an error when there is nothing to do, and has no code of its own for it. */
function unlessUnchanged(error: unknown): false {
  if (error instanceof Error && /^No updates are to be performed/.test(error.message)) return false;
  throw error;
}

function parameterList(
  parameters: StackParameters,
  current: DescribedStack | undefined,
): Parameter[] {
  const known = new Set(current?.Parameters?.map(({ ParameterKey }) => ParameterKey));
  return (["RunnerCidr", "ZoneCount"] as const).flatMap((ParameterKey): Parameter[] => {
    const ParameterValue = parameters[ParameterKey];
    if (ParameterValue !== undefined) return [{ ParameterKey, ParameterValue }];
    return known.has(ParameterKey) ? [{ ParameterKey, UsePreviousValue: true }] : [];
  });
}

function failed(what: string, { stack, failures }: Settled): Error {
  const state = stack?.StackStatusReason ?? `it is in state ${stack?.StackStatus ?? "deleted"}`;
  return new Error(`Cannot ${what}: ${failures.length > 0 ? failures.join("; ") : state}`);
}
