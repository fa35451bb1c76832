import type { InstanceOptions } from "./ec2_options.ts";
import type { Obtained } from "./obtain_instances.ts";

/** The error for instances that could not be had: how many there are, how many are missing, and which zones refused. */
export function shortage(
  { count: got, refusals }: Obtained,
  { count, options }: { count: number; options: InstanceOptions },
): Error {
  const all = `${count} ${count === 1 ? "instance" : "instances"} of ${options.instanceType}`;
  const each = refusals.map(({ zone, market, message }) =>
    `\n  in ${zone}${market === "spot" ? ", as spot" : ""}: ${message}`
  );
  return new Error(
    `Cannot launch ${all}: ${got} could be had, ${count - got} are missing${each.join("")}`,
  );
}
