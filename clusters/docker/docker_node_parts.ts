import type { FleetAgent } from "../../agent/client/fleet.ts";
import type { ImageProgram, NodeNetwork, NodeResource, OncePerKernel } from "../kit/mod.ts";
import type { AgentOutput } from "./agent_output.ts";
import type { Container } from "./container.ts";
import type { ContainerEvents } from "./container_events.ts";
import type { ContainerOptions } from "./docker_options.ts";
import type { Route } from "./route.ts";
import type { SidecarContainers } from "./sidecar_containers.ts";

/** An agent that runs in a container, with the connection to it. */
export interface RunningAgent {
  readonly connection: FleetAgent;
  readonly output: AgentOutput;
  /** The way to it if it listens. One that calls needs none. */
  readonly route?: Route | undefined;
  /** Where other nodes of its network reach it. */
  readonly address: string;
  /** That network, if the engine says which it is. */
  readonly networks: readonly NodeNetwork[];
}

/** What a node is made of. */
export interface DockerNodeParts {
  readonly container: Container;
  readonly events: ContainerEvents;
  readonly options: ContainerOptions;
  readonly program: ImageProgram;
  /** Launches a sidecar. */
  readonly launchSidecar?: NodeResource["launchSidecar"];
  /** Those that stand still with it. */
  readonly sidecars: SidecarContainers;
  /** Whether a sidecar is reached through the node's agent. One that calls needs nothing of the node. */
  readonly sidecarsNeedAgent: () => boolean;
  readonly ownsNetwork: boolean;
  /** Where its agent listens, if it does. */
  readonly controlPort: number | undefined;
  readonly oncePerKernel: OncePerKernel;
}
