import {
  type CloudFormationClient,
  DescribeStacksCommand,
  type Stack as DescribedStack,
} from "@aws-sdk/client-cloudformation";

/** Describes a stack, by name or id; resolves to `undefined` when there is none. */
export async function describeStack(
  cloudFormation: CloudFormationClient,
  { name, abortSignal }: { name: string; abortSignal: AbortSignal },
): Promise<DescribedStack | undefined> {
  try {
    const command = new DescribeStacksCommand({ StackName: name });
    const { Stacks = [] } = await cloudFormation.send(command, { abortSignal });
    return Stacks[0];
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** CloudFormation has no code of its own for this. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "ValidationError" &&
    / does not exist$/.test(error.message);
}
