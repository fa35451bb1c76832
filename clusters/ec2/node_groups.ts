import type { NodeRequest } from "../kit/mod.ts";
import type { Ec2NodeOptions } from "./ec2_options.ts";
import type { NodeGroup } from "./launch_context.ts";
import { mergeOptions } from "./merge_options.ts";

/** Groups requests by their options: nodes with the same options are launched together. */
export function groupRequests(
  defaults: Ec2NodeOptions,
  requests: readonly NodeRequest<Ec2NodeOptions>[],
): Omit<NodeGroup, "provision">[] {
  const hooks = new Map<unknown, number>();
  const merged = requests.map(({ name, options }) => ({
    name,
    options: mergeOptions(defaults, options),
  }));
  const groups = Map.groupBy(merged, ({ options: { customize, ...rest } }) => {
    if (!hooks.has(customize)) hooks.set(customize, hooks.size);
    return JSON.stringify([hooks.get(customize), Object.entries(rest).sort()]);
  });
  return [...groups.values()].map((alike) => ({
    names: alike.map(({ name }) => name),
    options: alike[0]!.options,
  }));
}
