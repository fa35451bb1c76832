import type {
  AbilityName,
  Backend,
  BackendRecipe,
  ClusterContext,
  NodeOptions,
  Provider,
  SweepOptions,
  SweepReport,
} from "../backend.ts";
import { ThisHostProvider } from "../this_host/provider.ts";
import { sweepThisHost } from "../this_host/sweep.ts";
import { LocalNode } from "./local_node.ts";

/** What nodes on this host may do to it. */
export interface LocalOptions {
  /**
   * Let file operations change what lies outside of the node's folder: the files of the person who
   * runs the test. @default false
   */
  readonly dangerouslyAllowHostPaths?: boolean | undefined;
}

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
export function local(options: LocalOptions = {}): Backend<NodeOptions> {
  return new LocalBackend(options);
}

/** The backend that `CLUSTERTEST_BACKEND=local` means. */
export function backendFromEnvironment(): Backend<NodeOptions> {
  return local();
}

/** The backend that a recipe means: good for a sweep, from whatever process. */
export function backendFromRecipe(): Backend<NodeOptions> {
  return local();
}

const ABILITIES: readonly AbilityName[] = ["kill", "pause", "restart"];

class LocalBackend implements Backend<NodeOptions> {
  readonly name = "local";
  readonly abilities = ABILITIES;
  readonly recipe: BackendRecipe = { module: import.meta.resolve("./mod.ts"), options: {} };
  readonly #allowHostPaths: boolean;

  constructor({ dangerouslyAllowHostPaths = false }: LocalOptions) {
    this.#allowHostPaths = dangerouslyAllowHostPaths;
  }

  open(context: ClusterContext): Promise<Provider<NodeOptions>> {
    return ThisHostProvider.open(context, {
      open: (place) => LocalNode.open(place, { allowHostPaths: this.#allowHostPaths }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }

  sweep(options?: SweepOptions): Promise<SweepReport> {
    return sweepThisHost(options);
  }
}
