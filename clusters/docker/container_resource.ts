import type { DockerNodeParts, RunningAgent } from "./docker_node_parts.ts";
import type { FleetAgent } from "../../agent/client/fleet.ts";
import { throwFailures } from "../concurrency/mod.ts";
import {
  filesOfAgent,
  type FullDisk,
  HostsFile,
  type ImageProgram,
  killInPlace,
  type Limit,
  type LossReason,
  type NodeNetwork,
  type NodeResource,
  type OncePerKernel,
  startInPlace,
  type StoredFiles,
} from "../kit/mod.ts";
import { ContainerDisks } from "./container_disks.ts";
import { ContainerLimits } from "./container_limits.ts";
import { awaitLossReason } from "./await_loss_reason.ts";

/** The container of a node. */
export class ContainerResource implements NodeResource {
  readonly id: string;
  readonly address: string;
  readonly networks: readonly NodeNetwork[];
  readonly hostsFile: HostsFile | undefined;
  readonly program: ImageProgram;
  readonly launchSidecar?: NodeResource["launchSidecar"];
  readonly ownsNetwork: boolean;
  readonly controlPort: number | undefined;
  readonly oncePerKernel: OncePerKernel;
  readonly cpu: Limit;
  readonly memory: Limit;
  readonly fullDisk: FullDisk;
  readonly #parts: DockerNodeParts;
  readonly #agent: RunningAgent;
  #isPaused = false;

  constructor(agent: RunningAgent, parts: DockerNodeParts) {
    this.#parts = parts;
    this.#agent = agent;
    this.id = parts.container.id;
    this.address = agent.address;
    this.networks = agent.networks;
    // With the network of another container it has that one's names, too.
    this.hostsFile = parts.ownsNetwork ? new HostsFile("/etc/hosts") : undefined;
    this.program = parts.program;
    this.launchSidecar = parts.launchSidecar;
    this.ownsNetwork = parts.ownsNetwork;
    this.controlPort = parts.controlPort;
    this.oncePerKernel = parts.oncePerKernel;
    const { cpu, memory } = new ContainerLimits(parts.container);
    this.cpu = cpu;
    this.memory = memory;
    this.fullDisk = new ContainerDisks(parts.container);
  }

  ended(signal: AbortSignal): Promise<LossReason> {
    return awaitLossReason(this.#agent, this.#parts, signal);
  }

  get sidecarObstacle(): string | undefined {
    if (!this.#isPaused || !this.#parts.sidecarsNeedAgent()) return undefined;
    return "it is paused, and what changes its network is reached through it on this engine; " +
      "resume it first";
  }

  async remove(): Promise<void> {
    await this.#parts.container.remove();
    this.#parts.events.forget(this.id);
  }

  async close(): Promise<void> {
    const { output, route } = this.#agent;
    throwFailures(
      await Promise.allSettled([output, route].map((each) => each?.[Symbol.asyncDispose]())),
    );
  }

  /**
   * The container goes on, and its agent with it: an engine that starts one again may give it another
   * address, and may remove it, since it is to be removed when it ends.
   */
  async kill(agent: FleetAgent, onDown: () => void): Promise<FleetAgent> {
    onDown();
    // An agent whose clock stands still ends nothing.
    await this.resume();
    return await killInPlace(agent, this);
  }

  /** Everything is there; the agent says so. */
  async start(agent: FleetAgent, signal: AbortSignal): Promise<FleetAgent> {
    return await startInPlace(agent, this, signal);
  }

  /**
   * The agent is there while the node is down; an engine that pauses a container stops it, too, so that it
   * goes on for the time being. Without an agent the container is gone, and its files are.
   */
  async openStoredFiles(agent: FleetAgent): Promise<StoredFiles> {
    const stored = filesOfAgent(agent);
    if (!this.#isPaused) return stored;
    await this.resume();
    return { ...stored, [Symbol.asyncDispose]: () => this.pause() };
  }

  async pause(): Promise<void> {
    if (this.#isPaused) return;
    await this.#parts.container.pause();
    this.#isPaused = true;
    try {
      await this.#parts.sidecars.pause();
    } catch (error) {
      await this.resume();
      throw error;
    }
  }

  async resume(): Promise<void> {
    if (!this.#isPaused) return;
    await this.#parts.container.unpause();
    this.#isPaused = false;
    await this.#parts.sidecars.resume();
  }
}
