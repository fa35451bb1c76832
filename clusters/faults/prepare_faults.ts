import type { AbilityName, ProvidedNode } from "../kit/mod.ts";
import { checkKernel } from "./check_kernel.ts";

/** What nodes are prepared for. */
export interface Preparation {
  /** What the test needs. */
  readonly needs: readonly AbilityName[];
  /** The name of the backend. */
  readonly backend: string;
  readonly signal: AbortSignal;
}

/**
 * Launches what faults of the network are made by beside new nodes of a test that needs these, so that the
 * first fault is as quick as the others, and finds out what the kernels of the nodes lack. A node that has
 * no network of its own is left out: faults of it are refused. Rejects with the first failure; what was
 * launched goes with its node.
 */
export async function prepareFaults(
  nodes: readonly ProvidedNode[],
  { needs, backend, signal }: Preparation,
): Promise<void> {
  const deeds = (["partition", "shape"] as const).filter((each) => needs.includes(each));
  if (deeds.length === 0) return;
  await Promise.all(nodes.map(async ({ abilities }) => {
    await abilities.partition?.host({ signal });
    for (const deed of deeds) await checkKernel(deed, { backend, abilities, signal });
  }));
}
