/**
 * A local AWS to try things out by hand: prints the environment in which the SDK, and with it the
 * backend `ec2`, finds it, and serves until it is interrupted.
 *
 * `--stack` deploys the stack that nodes need; `--simulated` has no more than an agent for each
 * instance, in place of a container; with `--pending MS` each takes so many milliseconds to boot, at
 * least.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { AwsServer } from "./aws_server.ts";
import { AwsClients } from "./clients.ts";
import { deployStack } from "./deployed_stack.ts";

const options = {
  simulated: { type: "boolean" },
  stack: { type: "boolean" },
  pending: { type: "string", default: "0" },
} as const;

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options });
  const interrupted = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, interrupted.resolve);
  }
  const machines = values.simulated ? "simulated" : "containers";
  await using server = await AwsServer.start({ machines });
  server.faults.pendingFor = Number(values.pending);
  if (values.stack) {
    using clients = new AwsClients(server);
    await deployStack(clients);
  }
  const lines = Object.entries(server.env).map(([name, value]) => `export ${name}='${value}'\n`);
  Deno.stdout.writeSync(new TextEncoder().encode(lines.join("")));
  await interrupted.promise;
}

if (import.meta.main) {
  await main(Deno.args);
  Deno.exit(0);
}
