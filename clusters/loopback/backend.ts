import { obtainAgent } from "../../agent/build/obtain_agent.ts";
import { BuildWork } from "../build_work.ts";
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
import { createFleet } from "../cluster_fleet.ts";
import { ThisHostProvider } from "../this_host/provider.ts";
import { sweepThisHost } from "../this_host/sweep.ts";
import { LoopbackNode } from "./loopback_node.ts";

/** What nodes on this host may do to it. */
export interface LoopbackOptions {
  /**
   * Let file operations change what lies outside of the node's folder: the files of the person who
   * runs the test. @default false
   */
  readonly dangerouslyAllowHostPaths?: boolean | undefined;
}

/**
 * Nodes are agents that run as processes of this host, reached over TLS as those of other machines
 * are. It is for tests of what lies between a test and a node, with nothing installed; for
 * everything else `local()` is the same, and faster. Starts nothing by itself.
 */
export function loopback(options: LoopbackOptions = {}): Backend<NodeOptions> {
  return new LoopbackBackend(options);
}

/** The backend that `CLUSTERTEST_BACKEND=loopback` means. */
export function backendFromEnvironment(): Backend<NodeOptions> {
  return loopback();
}

/** The backend that a recipe means: good for a sweep, from whatever process. */
export function backendFromRecipe(): Backend<NodeOptions> {
  return loopback();
}

const ABILITIES: readonly AbilityName[] = ["kill", "pause", "restart"];

class LoopbackBackend implements Backend<NodeOptions> {
  readonly name = "loopback";
  readonly abilities = ABILITIES;
  readonly recipe: BackendRecipe = { module: import.meta.resolve("./mod.ts"), options: {} };
  readonly #confine: boolean;

  constructor({ dangerouslyAllowHostPaths = false }: LoopbackOptions) {
    this.#confine = !dangerouslyAllowHostPaths;
  }

  async open(context: ClusterContext): Promise<Provider<NodeOptions>> {
    const { heartbeat, signal, emit } = context;
    const pack = await BuildWork.during(
      emit,
      (onProgress) => obtainAgent("native", { signal, onProgress }),
    );
    const fleet = createFleet(context);
    const shared = { pack, fleet, confine: this.#confine, lease: heartbeat.timeout };
    return await ThisHostProvider.open(context, {
      open: (place, { name, signal }) => LoopbackNode.open(place, { ...shared, name }, signal),
      [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
    });
  }

  sweep(options?: SweepOptions): Promise<SweepReport> {
    return sweepThisHost(options);
  }
}
