import type { AgentSockets } from "../../agent/client/fleet.ts";
import { ExitCode } from "../../agent/command_line.ts";
import { Deadline } from "../../agent/deadline.ts";
import { throwFailures } from "../concurrency/mod.ts";
import { agentLife, AgentNode } from "../kit/mod.ts";
import { ContainerResource } from "./container_resource.ts";
import { CONTAINER_AGENT_PORT, createRequest } from "./create_request.ts";
import type { DockerNodeParts, RunningAgent } from "./docker_node_parts.ts";
import type { CreateRequest } from "./docker_options.ts";
import { oncePerEngine } from "./engine_kernel.ts";
import { splitEnvironment } from "./environment.ts";
import { programOf } from "./images/image_program.ts";
import { MAX_LIFE, ownedLabels } from "./labels.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { LaunchFailure, launchFailure } from "./launch_failure.ts";
import { launchSidecar, type SidecarPlace } from "./launch_sidecar.ts";
import { networksOf, type NodeNetworks } from "./node_networks.ts";
import { type AgentPlace, reachAgent, type ReachOptions } from "./reach_agent.ts";
import { publishingAddress } from "./route.ts";
import { SidecarContainers } from "./sidecar_containers.ts";
import { type FailedContainer, startContainer, type StartedContainer } from "./start_container.ts";

/** Milliseconds in which an agent has to be there, unless the options say otherwise. */
const START_TIMEOUT = 120_000;

/**
 * Makes a container and reaches the agent in it: through sockets, and where it turns out that they cannot
 * be reached from there, in another container over TLS. If that fails nothing is left of it, and the
 * error says what became of the container and what its agent said.
 */
export async function launchNode(
  context: LaunchContext,
  plan: NodePlan,
  signal: AbortSignal,
): Promise<AgentNode> {
  try {
    return await launchCalling(context, plan, signal);
  } catch (error) {
    if (!(error instanceof NoSockets)) throw error;
  }
  using launch = context.fleet.launch();
  const networks = networksOf(context.network, plan.options, await context.control());
  return await launchBy(context, plan, { launch, networks, sockets: undefined, signal });
}

/** Why an agent is to be reached over TLS. */
class NoSockets extends Error {}

/** Makes a node whose agent calls; throws `NoSockets` if there is no calling from there. */
async function launchCalling(
  context: LaunchContext,
  plan: NodePlan,
  signal: AbortSignal,
): Promise<AgentNode> {
  const { fleet, network, route } = context;
  const dir = route.socketFolder();
  if (dir === undefined) throw new NoSockets();
  const { name, options } = plan;
  using launch = fleet.launch();
  let sockets: AgentSockets | undefined;
  try {
    sockets = await launch.openSockets(dir, { name, signal });
    const networks = networksOf(network, options);
    return await launchBy(context, plan, { launch, networks, sockets, signal });
  } catch (error) {
    await sockets?.[Symbol.asyncDispose]();
    signal.throwIfAborted();
    const obstacle = sockets ? obstacleOf(error, dir) : (error as Error).message;
    if (obstacle === undefined) throw error;
    // The author's hook may have taken the sockets out of this container alone.
    if (options.customize === undefined) route.giveUp(obstacle);
    throw new NoSockets(obstacle);
  }
}

/** What was in the way to the sockets, if that is why a node could not be launched. */
function obstacleOf(error: unknown, dir: string): string | undefined {
  if (!(error instanceof LaunchFailure)) return undefined;
  if (error.exitCode === ExitCode.unreachable) {
    return "nothing in a container can connect to a socket of this program";
  }
  const { message } = error.cause as Error;
  if (!message.includes(dir)) return undefined;
  return `the engine has other files than this program: ${message.replaceAll(/\s*\n\s*/g, " ")}`;
}

/** How one attempt is made. */
interface Attempt extends ReachOptions {
  readonly networks: NodeNetworks;
}

async function launchBy(
  context: LaunchContext,
  plan: NodePlan,
  attempt: Attempt,
): Promise<AgentNode> {
  const { engine, events } = context;
  const { networks, signal } = attempt;
  const env = splitEnvironment(plan.options, plan);
  const request = await requestFor(context, plan, { ...attempt, env: env.container });
  const started = await engine.inTurn(() =>
    startContainer({ context, plan, request, networks, signal })
  );
  if (!started.isStarted) return await giveUp(started, plan, signal);
  try {
    const { container } = started;
    const place = { name: plan.name, engine, container, networks, env: env.processes };
    const agent = await reachInTime(started, place, { ...plan, ...attempt });
    const program = programOf(plan.image, plan.options);
    const sidecars = new SidecarContainers();
    const parts = {
      container,
      events,
      options: plan.options,
      program,
      launchSidecar: sidecarsOf(context, plan, { container, agent: agent.connection, sidecars }),
      sidecars,
      oncePerKernel: oncePerEngine(engine),
      sidecarsNeedAgent: () => context.route.socketFolder() === undefined,
      controlPort: attempt.sockets ? undefined : CONTAINER_AGENT_PORT,
      ownsNetwork: isInOwnNetwork(request),
    };
    return new AgentNode(agent.connection, new ContainerResource(agent, parts));
  } catch (error) {
    return await giveUp({ ...started, isStarted: false, error }, plan, signal);
  }
}

/** Not in that of the engine's machine, or of another container. */
function isInOwnNetwork({ HostConfig }: CreateRequest): boolean {
  const { NetworkMode = "" } = HostConfig as { readonly NetworkMode?: string };
  return NetworkMode !== "host" && !NetworkMode.startsWith("container:");
}

/** What launches sidecars of a node. */
function sidecarsOf(
  context: LaunchContext,
  plan: NodePlan,
  node: Pick<SidecarPlace, "container" | "agent" | "sidecars">,
): NonNullable<DockerNodeParts["launchSidecar"]> {
  return (signal) => {
    const dir = context.route.socketFolder();
    return launchSidecar({ context, plan, ...node, dir }, signal);
  };
}

/** Removes what there is of a node, and throws why it was not launched. */
async function giveUp(
  { error, container, output, ended }: FailedContainer,
  plan: NodePlan,
  signal: AbortSignal,
): Promise<never> {
  const reason = signal.aborted
    ? signal.reason
    : await launchFailure(error, plan, { container, output, ended });
  const removed = await Promise.allSettled([container?.remove()]);
  const closed = await Promise.allSettled([output?.[Symbol.asyncDispose]()]);
  throwFailures([{ status: "rejected", reason }, ...removed, ...closed]);
  throw reason;
}

/** Reaches the agent, unless its container ends before or it takes too long. */
async function reachInTime(
  { output, ended }: StartedContainer,
  place: AgentPlace,
  { options: { startTimeout = START_TIMEOUT }, launch, sockets, signal }: Reach,
): Promise<RunningAgent> {
  const over = new AbortController();
  ended.then(() => over.abort(new Error("its container has ended")));
  using deadline = new Deadline(startTimeout, [signal, over.signal], () => tooLate(startTimeout));
  return await reachAgent(output, place, { launch, sockets, signal: deadline.signal });
}

function tooLate(startTimeout: number): Error {
  return new Error(
    `its agent was not reached within ${startTimeout / 1000} s; what may be in its way is a ` +
      `firewall between here and the engine`,
  );
}

type Reach = ReachOptions & Pick<NodePlan, "options">;

async function requestFor(
  context: LaunchContext,
  plan: NodePlan,
  { networks, sockets, env }: Attempt & { readonly env: readonly string[] },
): Promise<CreateRequest> {
  const { name, options, pack, agentVolume } = plan;
  const { startTimeout = START_TIMEOUT } = options;
  const request = createRequest({
    node: name,
    options,
    imageId: plan.image.id,
    labels: { ...ownedLabels("node", context), "clustertest.node": name },
    rootLabels: ownedLabels("root", context),
    pack,
    env,
    agentVolume,
    agentArgs: agentLife({ lease: context.lease, startTimeout, maxLife: MAX_LIFE }),
    network: networks.first,
    hasNames: networks.first === networks.address,
    publishAt: publishingAddress(context.engine),
    publishesAgent: sockets === undefined && !networks.isDirect,
    sockets: sockets?.dir,
  });
  return await options.customize?.(request, { name }) ?? request;
}
