import type { AgentOutput } from "./agent_output.ts";
import { Container } from "./container.ts";
import type { ContainerEnd } from "../kit/mod.ts";
import { NODE_DIR } from "./agent_container.ts";
import type { CreateRequest } from "./docker_options.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import type { NodeNetworks } from "./node_networks.ts";
import { rootDirArchive } from "./root_dir_archive.ts";

/** What a container is started from. */
export interface StartContainerOptions {
  readonly context: LaunchContext;
  readonly plan: NodePlan;
  readonly request: CreateRequest;
  readonly networks: NodeNetworks;
  readonly signal: AbortSignal;
}

/** A container in which an agent boots. */
export interface StartedContainer {
  readonly isStarted: true;
  readonly container: Container;
  readonly output: AgentOutput;
  /** Listened to from its creation on: nothing tells of an end that was before. */
  readonly ended: Promise<ContainerEnd>;
}

/** A container that could not be started, as far as it was made: the caller has to remove it. */
export interface FailedContainer extends Partial<Omit<StartedContainer, "isStarted">> {
  readonly isStarted: false;
  readonly error: unknown;
}

/**
 * Creates a container and starts it, and listens to it before that, so that not a word of it is missed.
 * Does not reject.
 */
export async function startContainer(
  options: StartContainerOptions,
): Promise<StartedContainer | FailedContainer> {
  const { context: { engine, events }, plan, request } = options;
  const { containerName, options: { platform } } = plan;
  try {
    const container = await Container.create(engine, containerName, request, { platform });
    const ended = events.died(container.id);
    return await attachAndStart({ container, ended }, options);
  } catch (error) {
    return { isStarted: false, error };
  }
}

async function attachAndStart(
  created: Pick<StartedContainer, "container" | "ended">,
  { plan, networks, signal }: StartContainerOptions,
): Promise<StartedContainer | FailedContainer> {
  const { container } = created;
  let output: AgentOutput | undefined;
  try {
    signal.throwIfAborted();
    if (!runsAsRoot(plan)) await container.unpack(rootDirArchive(), NODE_DIR, signal);
    output = await container.attach(signal);
    await container.start(signal);
    // While the agent boots, which takes longer; it gets its address after that.
    const { first, address } = networks;
    if (first !== address) await container.join(address, { alias: plan.name, signal });
    return { isStarted: true, ...created, output };
  } catch (error) {
    return { isStarted: false, error, ...created, ...output && { output } };
  }
}

function runsAsRoot({ options, image }: NodePlan): boolean {
  const [user] = (options.user ?? image.user).split(":");
  return user === "" || user === "root" || user === "0";
}
