import { throwFailures } from "../concurrency/mod.ts";
import type { ProvidedNode } from "./provided_node.ts";

/**
 * Destroys the nodes of a provider all at once, and then takes the `steps` one after the other,
 * whatever fails. A node that could not be destroyed is tried again when the rest is gone, which may
 * have included it. Throws what then is left.
 */
export async function giveBack(
  nodes: Iterable<ProvidedNode>,
  steps: readonly (() => unknown)[],
): Promise<void> {
  const all = [...nodes];
  await Promise.allSettled(all.map((node) => node.destroy()));
  const results: PromiseSettledResult<unknown>[] = [];
  for (const step of steps) results.push(...await Promise.allSettled([take(step)]));
  throwFailures([...await Promise.allSettled(all.map((node) => node.destroy())), ...results]);
}

async function take(step: () => unknown): Promise<void> {
  await step();
}
