import { doesNotThrow, match, throws } from "node:assert/strict";
import { docker } from "../docker/mod.ts";
import { ec2 } from "../ec2/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { checkOptions } from "./check_options.ts";
import * as kinds from "./option_kinds.ts";

const known = { timeout: kinds.number("milliseconds"), signal: kinds.signal };

Deno.test("checkOptions() names the nearest of the known names, or all of them", () => {
  const refused = (options: unknown, message: string) =>
    throws(() => checkOptions("run it", options, known), { name: "TypeError", message });
  const timeout = 'Cannot run it: there is no option "timeOut"; did you mean "timeout"?';
  refused({ timeOut: 1 }, timeout);
  refused(
    { constructor: 1 }, /* own, and of no kind */
    'Cannot run it: there is no option "constructor"; those that there are: timeout, signal',
  );
  refused({ timeout: "5s" }, 'Cannot run it: timeout must be a number of milliseconds, not "5s"');
  refused("5s", 'Cannot run it: its options must be an object, not "5s"');
  refused(null, "Cannot run it: its options must be an object, not null");
  doesNotThrow(() => checkOptions("run it", { timeout: 5, signal: undefined }, known));
  doesNotThrow(() => checkOptions("run it", undefined, known));
});

/** What untyped code may call backends with, and what each of them says. */
const WRONG: readonly (readonly [make: () => unknown, message: RegExp])[] = [
  [() => local({ allowHostPaths: true } as object), /^Cannot make local\(\): there is no option /],
  [() => loopback({ dangerouslyAllowHostPaths: 1 as unknown as boolean }), /must be true or false/],
  [
    () => docker({ images: "x" } as object),
    /^Cannot make docker\(\): .* "images"; did you .* "image"\?$/,
  ],
  [() => docker({ cpus: "2" as unknown as number }), /cpus must be a number of CPUs, not "2"$/],
  [() => docker({ capabilities: { added: [] } as object }), /"added"; did you mean "add"\?$/],
  [() => docker({ ports: [{ port: 1, hostport: 1 } as { port: number }] }), /mean "hostPort"\?$/],
  [() => docker({ volumes: { "/x": { readonly: true } as object } }), /mean "readOnly"\?$/],
  [() => ec2({ spots: true } as object), /^Cannot make ec2\(\): .* did you mean "spot"\?$/],
  [() => ec2({ rootVolume: { sizes: 1 } as object }), /did you mean "size"\?$/],
];

Deno.test("backends refuse options of unknown names and wrong kinds, those within others too", () => {
  for (const [make, message] of WRONG) throws(make, { name: "TypeError", message });
});

Deno.test("backends refuse options at the line of the test that has made them", () => {
  for (const [make] of WRONG) {
    throws(make, (error: Error) => {
      match(error.stack!.split("\n    at ")[1]!, /check_options_test\.ts/);
      return true;
    });
  }
});
