import type { AbilityName } from "../kit/mod.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { Node } from "../node/mod.ts";

/** One promise of the contract, and how it is checked. */
export interface ConformanceCase {
  /** What has to hold, as a sentence: `subject() does X when Y`. Names the case in a deviation. */
  readonly name: string;
  /** Programs that the node's image must have. @default none */
  readonly programs?: readonly string[];
  /** Operating systems of nodes on which it can be checked. @default all */
  readonly systems?: readonly (typeof Deno.build.os)[];
  /** Abilities without which there is nothing to check. @default none */
  readonly abilities?: readonly AbilityName[];
  /** Abilities with which the contract says something else: then it is no case at all. @default none */
  readonly unless?: readonly AbilityName[];
  /** Rejects when the contract is broken. */
  run(scene: Scene): Promise<void>;
}

/** What a case works with. Others of its group use the same nodes, before and after it. */
export interface Scene {
  /** The name of the backend of the nodes: that of the first member, if the cluster's is composed. */
  readonly backend: string;
  /** The cluster of the nodes. */
  readonly cluster: Cluster;
  /** A node that stays whole: a case that ends or loses nodes takes its own from `cluster`. */
  readonly node: Node;
  /** Another one, of the same network. */
  readonly peer: Node;
  /** A folder on both nodes, relative to their `rootDir`, that exists and is this case's own. */
  readonly dir: string;
  /** A folder of this machine, that is this case's own. */
  readonly localDir: string;
  /** Makes another cluster on the same backend, for cases that end one. */
  newCluster(options?: { signal?: AbortSignal }): Promise<Cluster>;
  /** What the backend has of this run, a line each, as a sweep finds it: also of living clusters. */
  resources(): Promise<string[]>;
}

/** Cases that share a cluster. */
export interface ConformanceGroup {
  /** What they are about. */
  readonly name: string;
  /** Done one after another, in this order. */
  readonly cases: readonly ConformanceCase[];
  /** Sanitizers of `Deno.test` for all of them together. @default those that are on anyway */
  readonly sanitizers?: Pick<Deno.TestDefinition, "sanitizeResources">;
}
