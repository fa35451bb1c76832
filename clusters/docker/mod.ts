/**
 * Nodes that are containers on a local or remote Docker engine, from any image.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 * import { docker } from "@clustertest/clustertest/docker";
 *
 * async function twoNodesKnowEachOtherByName(): Promise<void> {
 *   await using cluster = await Cluster.create(docker({ image: "alpine" }));
 *   const [one] = await cluster.addNodes(2);
 *   const { success } = await one.run("ping", ["-c", "1", "node2"]);
 *   strictEqual(success, true);
 * }
 *
 * // On a machine that has an engine, and Alpine's image or a way to it:
 * if (Deno.args.includes("docker")) await twoNodesKnowEachOtherByName();
 * ```
 *
 * @module
 */
export { backendFromEnvironment, backendFromRecipe, docker } from "./backend.ts";
export type {
  Capabilities,
  CreateRequest,
  Customized,
  DockerNodeOptions,
  DockerOptions,
  PublishedPort,
  RegistryCredentials,
  Volume,
} from "./docker_options.ts";
export type { ImageBuild } from "./builds/image_build.ts";
export type { Backend, NodeOptions } from "../kit/mod.ts";
