/** Finds the stack as the backend does, and prints it as JSON; or one line that says why not. */
import { Aws } from "../../aws/aws.ts";
import { findStack } from "../../aws/stack/find_stack.ts";

using aws = await Aws.open({ backend: "ec2" });
try {
  const first = await findStack(aws);
  // A second search asks nothing.
  const second = await findStack(aws);
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ ...first, ...second })));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
  Deno.exitCode = 1;
}
