/**
 * Nodes that are instances on Amazon EC2, set up once per account and region by
 * `deno task aws:setup`.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 * import { ec2 } from "@clustertest/clustertest/ec2";
 *
 * async function tenNodesReachEachOther(): Promise<void> {
 *   await using cluster = await Cluster.create(ec2({ instanceType: "t4g.small" }));
 *   const [one, ...others] = await cluster.addNodes(10);
 *   for (const other of others) {
 *     const { success } = await one.run("ping", ["-c", "1", other.address]);
 *     strictEqual(success, true);
 *   }
 * }
 *
 * // With credentials of an AWS account:
 * if (Deno.args.includes("ec2")) await tenNodesReachEachOther();
 * ```
 *
 * @module
 */
export { backendFromEnvironment, backendFromRecipe, ec2 } from "./backend.ts";
export type { AwsCredentials, AwsKeys } from "../aws/mod.ts";
export type {
  Customized,
  Ec2NodeOptions,
  Ec2Options,
  RootVolume,
  RunRequest,
  SpotOptions,
} from "./ec2_options.ts";
export type { Backend, NodeOptions } from "../kit/mod.ts";
