// deno-lint-ignore-file no-console -- its parent reads what it prints
/**
 * Stands in for the machines of the namespace that the kubeconfig of its argument has. Prints a line once it
 * is there, and serves until its input ends.
 *
 * @module
 */
import { TextLineStream } from "../peers/text_line_stream.ts";
import { StandInMachines } from "./stand_in_machines.ts";

{
  await using _machines = await StandInMachines.open(Deno.args[0]!);
  console.log("ready");
  for await (const _line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
    // Nothing is said but the end.
  }
}
Deno.exit(0);
