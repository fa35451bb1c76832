import type { Fleet } from "../../agent/client/fleet.ts";
import type { SharedWork } from "../concurrency/mod.ts";
import type { AbilityName } from "../kit/mod.ts";
import type { Ownership } from "../ownership/mod.ts";
import type { AgentRoutes } from "./agent_routes.ts";
import type { AgentSupply } from "./agent_supply.ts";
import type { KubeApi } from "./api/mod.ts";
import type { ClusterOwner } from "./cluster_owner.ts";
import type { PodOptions } from "./kubernetes_options.ts";
import type { LaunchSecrets } from "./launch_secrets.ts";
import type { NameService } from "./name_service.ts";
import type { PodRemover } from "./pod_remover.ts";
import type { PodWatch } from "./pod_watch.ts";

/** What the nodes of one cluster have in common. */
export interface LaunchContext extends Ownership {
  readonly api: KubeApi;
  readonly fleet: Fleet;
  readonly watch: PodWatch;
  readonly supply: AgentSupply;
  readonly routes: AgentRoutes;
  readonly remover: PodRemover;
  readonly secrets: LaunchSecrets;
  readonly owner: ClusterOwner;
  readonly names: NameService;
  /** What the test needs of what is done from a container beside a node. */
  readonly sidecarNeeds: readonly AbilityName[];
  /** Asks the kernel of each machine once. */
  readonly kernels: SharedWork;
  /** Milliseconds without a heartbeat after which an agent ends itself: its lease. */
  readonly lease: number;
  /** Milliseconds after which the cluster ends a pod by itself. */
  readonly maxLife: number;
}

/** One node that is to be. */
export interface NodePlan {
  readonly name: string;
  readonly podName: string;
  readonly options: PodOptions;
  /** Whether it is the only one that is made at this time. */
  readonly isAlone: boolean;
}
