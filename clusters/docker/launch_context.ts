import type { AgentPack } from "../../agent/build/agent_pack.ts";
import type { Fleet } from "../../agent/client/fleet.ts";
import type { ControlRoute } from "./control_route.ts";
import type { ContainerEvents } from "./container_events.ts";
import type { ControlNetwork } from "./control_network.ts";
import type { ContainerOptions } from "./docker_options.ts";
import type { Engine } from "./engine/engine.ts";
import type { Image } from "./images/inspect_image.ts";
import type { Ownership } from "../ownership/mod.ts";

/** What the nodes of one cluster have in common. */
export interface LaunchContext extends Ownership {
  readonly engine: Engine;
  readonly fleet: Fleet;
  readonly events: ContainerEvents;
  /** Name of the cluster's own network. */
  readonly network: string;
  /** How agents are reached. */
  readonly route: ControlRoute;
  /** Through which agents can be reached that listen, if the engine has it. It is looked for once. */
  readonly control: () => Promise<ControlNetwork | undefined>;
  /** Milliseconds without a heartbeat after which an agent ends itself: its lease. */
  readonly lease: number;
}

/** One node that is to be. */
export interface NodePlan {
  readonly name: string;
  readonly containerName: string;
  readonly options: ContainerOptions;
  readonly image: Image;
  readonly pack: AgentPack;
  readonly agentVolume: string;
}
