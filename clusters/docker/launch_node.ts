import { Deadline } from "../../agent/deadline.ts";
import { throwFailures } from "../concurrency/mod.ts";
import { AgentNode } from "../kit/mod.ts";
import { ContainerResource, type RunningAgent } from "./container_resource.ts";
import { createRequest } from "./create_request.ts";
import type { CreateRequest } from "./docker_options.ts";
import { splitEnvironment } from "./environment.ts";
import { MAX_LIFE, ownedLabels } from "./labels.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { launchFailure } from "./launch_failure.ts";
import { networksOf, type NodeNetworks } from "./node_networks.ts";
import { type AgentPlace, reachAgent, type ReachOptions } from "./reach_agent.ts";
import { publishingAddress } from "./route.ts";
import { type FailedContainer, startContainer, type StartedContainer } from "./start_container.ts";

/** Milliseconds in which an agent has to be there, unless the options say otherwise. */
const START_TIMEOUT = 120_000;

/**
 * Makes a container and reaches the agent in it. If that fails nothing is left of it, and the error
 * says what became of the container and what its agent said.
 */
export async function launchNode(
  context: LaunchContext,
  plan: NodePlan,
  options: ReachOptions,
): Promise<AgentNode> {
  const { engine, events, network } = context;
  const { signal } = options;
  const networks = networksOf(context, plan.options);
  const env = splitEnvironment(plan.options, plan);
  const request = await requestFor(context, plan, { networks, env: env.container });
  const started = await engine.inTurn(() =>
    startContainer({ context, plan, request, networks, signal })
  );
  if (!started.isStarted) return await giveUp(started, plan, signal);
  try {
    const { container } = started;
    const place = { name: plan.name, engine, container, networks, env: env.processes };
    const agent = await reachInTime(started, place, { ...plan, ...options });
    const departures = networks.first === network ? context.departures : undefined;
    const parts = { container, events, departures, network, options: plan.options };
    return new AgentNode(agent.connection, new ContainerResource(agent, parts));
  } catch (error) {
    return await giveUp({ ...started, isStarted: false, error }, plan, signal);
  }
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
  { options: { startTimeout = START_TIMEOUT }, launch, signal }: Reach,
): Promise<RunningAgent> {
  const over = new AbortController();
  ended.then(() => over.abort(new Error("its container has ended")));
  using deadline = new Deadline(startTimeout, [signal, over.signal], () => tooLate(startTimeout));
  return await reachAgent(output, place, { launch, signal: deadline.signal });
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
  { networks, env }: { networks: NodeNetworks; env: readonly string[] },
): Promise<CreateRequest> {
  const { name, options, pack, agentVolume } = plan;
  const request = createRequest({
    node: name,
    options,
    imageId: plan.image.id,
    labels: { ...ownedLabels("node", context), "clustertest.node": name },
    rootLabels: ownedLabels("root", context),
    pack,
    env,
    agentVolume,
    agentArgs: agentArgs(context.lease),
    network: networks.first,
    hasNames: networks.first === networks.address,
    publishAt: publishingAddress(context.engine),
    publishesAgent: !networks.isDirect,
  });
  return await options.customize?.(request, { name }) ?? request;
}

function agentArgs(lease: number): string[] {
  const seconds = (milliseconds: number): string => String(Math.ceil(milliseconds / 1000));
  return ["--lease", seconds(lease), "--max-life", seconds(MAX_LIFE), "--at-end", "exit"];
}
