/** Which stack, and how to get at it, as far as the options say. */
export interface StackChoice {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly stackName?: string | undefined;
}

/** What can be done with a stack from a command line. */
export type StackCommand = "setup" | "teardown" | "policy";

/** The command line that does it: a task in a checkout, an export of the package elsewhere. */
export function stackCommand(
  command: StackCommand,
  { region, profile, stackName }: StackChoice = {},
): string {
  const program = import.meta.url.startsWith("file:")
    ? `deno task aws:${command}`
    : `deno run -A jsr:@clustertest/clustertest/ec2/${command}`;
  const options = { region, profile, "stack-name": stackName };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return [program, ...given.map(([name, value]) => `--${name} ${value}`)].join(" ");
}
