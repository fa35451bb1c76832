/** What the stack is called unless `CLUSTERTEST_STACK` or an option says otherwise. */
export const DEFAULT_STACK_NAME = "clustertest";

/** What CloudFormation accepts. */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** The name of the stack: the given one, the environment's, or the default. */
export function stackNameOr(given?: string): string {
  const name = given ?? (Deno.env.get("CLUSTERTEST_STACK") || DEFAULT_STACK_NAME);
  if (STACK_NAME.test(name)) return name;
  throw new TypeError(
    `Cannot name a stack "${name}": a name has 1 to 128 letters, digits and hyphens, and begins ` +
      `with a letter`,
  );
}
