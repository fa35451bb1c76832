import { AuthorCall } from "../calls/mod.ts";
import type { AbilityName, Backend } from "../kit/mod.ts";
import { defaultBackend } from "./default_backend.ts";

/**
 * What nodes of a backend can do beyond what all nodes can: to leave a test out where that is missing, before
 * there is a cluster. Without a backend it is of the one that `CLUSTERTEST_BACKEND` names, or `local`, as
 * of `Cluster.create()`. Starts nothing and asks nobody: what an engine or its kernel lacks, tests find out
 * that say what they need (`clusterTest({ needs: ["shape"] }, …)`). What one node can do is
 * {@linkcode Node.abilities}.
 *
 * Throws as `Cluster.create()` does when that is no backend, or when there is none of that name.
 *
 * ```ts
 * import { abilitiesOf, clusterTest } from "@clustertest/clustertest";
 *
 * Deno.test({
 *   name: "the service survives a partition",
 *   ignore: !(await abilitiesOf()).includes("partition"),
 *   fn: clusterTest({ needs: ["partition"] }, async (cluster) => {
 *     const [a, b] = await cluster.addNodes(2);
 *     await using _cut = await cluster.faults.partition([a, b]);
 *   }),
 * });
 * ```
 */
export async function abilitiesOf(
  backend?: Pick<Backend, "abilities" | "name">,
): Promise<readonly AbilityName[]> {
  const call = new AuthorCall(abilitiesOf);
  return await call.during(async () => {
    const asked = backend ?? await defaultBackend();
    if (!Array.isArray(asked?.abilities)) {
      throw new TypeError(
        "Cannot tell abilities: they are asked of what is no backend, such as docker()",
      );
    }
    return [...asked.abilities];
  });
}
