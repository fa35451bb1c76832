import { Cluster, type ClusterOptions } from "../cluster/mod.ts";
import type { Backend, NodeOptions } from "../kit/mod.ts";
import type { CheckedTestOptions } from "./cluster_test_options.ts";
import { onAbort } from "./on_abort.ts";

/** Characters of a cluster's name that is made of a test's. */
const MAX_NAME = 40;

/**
 * Makes the cluster of a test. The signals end that, and nothing more: a test that is given up later has
 * artifacts to collect before its cluster is torn down.
 */
export async function makeCluster<O extends NodeOptions>(
  options: CheckedTestOptions<O>,
  { test, signals }: {
    /** Its name. */
    readonly test: string;
    readonly signals: readonly (AbortSignal | undefined)[];
  },
): Promise<Cluster<O>> {
  const controller = new AbortController();
  using stack = new DisposableStack();
  for (const signal of signals) {
    stack.use(onAbort(signal, () => controller.abort(signal!.reason)));
  }
  const { name = clusterName(test), heartbeat, progress, recordedOutput, needs } = options;
  const { signal } = controller;
  const making: ClusterOptions = { name, heartbeat, progress, recordedOutput, needs, signal };
  // Without a backend the nodes have no other options than all nodes have, which `O` is then.
  return await Cluster.create<O>(options.backend as Backend<O>, making);
}

/** What can be used of a test's name for that of its cluster. */
function clusterName(test: string): string | undefined {
  const words = test.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, MAX_NAME);
  return words.replaceAll(/^-+|-+$/g, "") || undefined;
}
