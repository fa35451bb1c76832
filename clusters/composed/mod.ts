/**
 * One cluster over several backends: some nodes are containers, say, others instances or processes of this
 * machine.
 *
 * ```ts
 * import { deepStrictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 * import { composed } from "@clustertest/clustertest/composed";
 * import { local } from "@clustertest/clustertest/local";
 * import { loopback } from "@clustertest/clustertest/loopback";
 *
 * await using cluster = await Cluster.create(composed({ here: local(), there: loopback() }));
 * const nodes = await cluster.addNodes([{ in: "there" }, { in: "here", name: "client" }]);
 * deepStrictEqual(nodes.map(({ backend }) => backend), ["loopback", "local"]);
 * ```
 *
 * @module
 */
export { backendFromRecipe, composed } from "./backend.ts";
export type { ComposedNodeOptions, Members, OptionsOf } from "./composed_options.ts";
export type { Backend, NodeOptions } from "../kit/mod.ts";
