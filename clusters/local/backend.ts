import type { Backend, NodeOptions } from "../kit/mod.ts";
import { atCaller } from "../options/mod.ts";
import { ThisHostBackend, type ThisHostOptions } from "../this_host/mod.ts";
import { LocalNode } from "./local_node.ts";

/**
 * Nodes are folders and processes of this host: there in milliseconds, with nothing installed. On
 * Linux each has a loopback address of its own. It is no sandbox: processes may do what their user
 * may. Starts nothing by itself.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 * import { local } from "@clustertest/clustertest/local";
 *
 * await using cluster = await Cluster.create(local());
 * const node = await cluster.addNode();
 * strictEqual(node.backend, "local");
 * ```
 */
export function local(options: ThisHostOptions = {}): Backend<NodeOptions> {
  const { dangerouslyAllowHostPaths: allowHostPaths = false } = options;
  return atCaller(local, () =>
    new ThisHostBackend({
      name: "local",
      options,
      module: import.meta.resolve("./mod.ts"),
      prepare: () =>
        Promise.resolve({
          open: (place) => LocalNode.open(place, { allowHostPaths }),
          [Symbol.asyncDispose]: () => Promise.resolve(),
        }),
    }));
}

/** The backend that `CLUSTERTEST_BACKEND=local` means. */
export function backendFromEnvironment(): Backend<NodeOptions> {
  return local();
}

/** The backend that a recipe means: good for a sweep, from whatever process. */
export function backendFromRecipe(): Backend<NodeOptions> {
  return local();
}
