import { AuthorCall } from "../calls/mod.ts";
import type { AbilityName, Backend } from "../kit/mod.ts";
import { defaultBackend } from "./default_backend.ts";

/**
 * The optional abilities of a backend's nodes, so that a test can be ignored where one is missing, before
 * there is a cluster. Without `backend`, those of the one that `Cluster.create()` would take.
 *
 * It starts nothing and asks no engine: what an engine or its kernel lacks is found out when a test that
 * says what it needs (`clusterTest({ needs: ["shape"] }, …)`) creates its cluster. What one node can do is
 * in {@linkcode Node.abilities}.
 *
 * Throws as `Cluster.create()` does when that is no backend, or when there is none of that name.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { abilitiesOf } from "@clustertest/clustertest";
 * import { local } from "@clustertest/clustertest/local";
 *
 * // As in Deno.test({ name: "…", ignore: !(await abilitiesOf()).includes("partition"), fn: … })
 * strictEqual((await abilitiesOf(local())).includes("partition"), false);
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
