import type { AgentOutput } from "./agent_output.ts";
import { Container, type ContainerInspection } from "./container.ts";
import { createRequest, NODE_DIR } from "./create_request.ts";
import { DockerNode } from "./docker_node.ts";
import type { CreateRequest } from "./docker_options.ts";
import { splitEnvironment } from "./environment.ts";
import { MAX_LIFE, ownedLabels } from "./labels.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { logDetails } from "./loss.ts";
import { networksOf, type NodeNetworks } from "./node_networks.ts";
import { reachAgent, type ReachOptions } from "./reach_agent.ts";
import { rootDirArchive } from "./root_dir_archive.ts";
import { publishingAddress } from "./route.ts";

/**
 * Makes a container and reaches the agent in it. If that fails nothing is left of it, and the error
 * says what became of the container and what its agent said.
 */
export async function launchNode(
  context: LaunchContext,
  plan: NodePlan,
  options: ReachOptions,
): Promise<DockerNode> {
  const { engine, events } = context;
  const { launch, signal } = options;
  const networks = networksOf(context, plan.options);
  const env = splitEnvironment(plan.options, plan);
  const request = await requestFor(context, plan, { networks, env: env.container });
  const begun: Begun = {};
  try {
    await engine.inTurn(() => start(begun, { context, plan, request, networks, signal }));
    const { container, output } = begun as Required<Begun>;
    const { name } = plan;
    const place = { name, engine, container, networks, env: env.processes };
    const agent = await reachAgent(output, place, { launch, signal });
    return new DockerNode(agent, { container, events, options: plan.options });
  } catch (error) {
    const failure = signal.aborted ? signal.reason : await explainFailure(error, plan, begun);
    await begun.container?.remove();
    await begun.output?.[Symbol.asyncDispose]();
    throw failure;
  }
}

/** What there is of a node so far. */
interface Begun {
  container?: Container;
  output?: AgentOutput;
}

async function requestFor(
  context: LaunchContext,
  plan: NodePlan,
  { networks, env }: { networks: NodeNetworks; env: readonly string[] },
): Promise<CreateRequest> {
  const { name, options, pack, agentVolume } = plan;
  const request = createRequest({
    node: name,
    options,
    labels: { ...ownedLabels("node", context), "clustertest.node": name },
    rootLabels: ownedLabels("root", context),
    pack,
    env,
    agentVolume,
    agentArgs: agentArgs(context.lease),
    network: networks.first,
    publishAt: publishingAddress(context.engine),
    publishesAgent: !networks.isDirect,
  });
  return await options.customize?.(request, { name }) ?? request;
}

function agentArgs(lease: number): string[] {
  const seconds = (milliseconds: number): string => String(Math.ceil(milliseconds / 1000));
  return ["--lease", seconds(lease), "--max-life", seconds(MAX_LIFE), "--at-end", "exit"];
}

interface StartOptions {
  readonly context: LaunchContext;
  readonly plan: NodePlan;
  readonly request: CreateRequest;
  readonly networks: NodeNetworks;
  readonly signal: AbortSignal;
}

/** Listens to the container before it starts, so that not a word of it is missed. */
async function start(begun: Begun, options: StartOptions): Promise<void> {
  const { context: { engine }, plan, request, networks, signal } = options;
  const { containerName, options: { platform } } = plan;
  const container = await Container.create(engine, containerName, request, { platform, signal });
  begun.container = container;
  if (!runsAsRoot(plan)) await container.unpack(await rootDirArchive(), NODE_DIR, signal);
  begun.output = await container.attach(signal);
  await container.start(signal);
  // While the agent boots: it takes longer, and is told its address after that.
  const { first, address } = networks;
  if (first !== address) await container.join(address, plan.name, signal);
}

function runsAsRoot({ options, image }: NodePlan): boolean {
  const [user] = (options.user ?? image.user).split(":");
  return user === "" || user === "root" || user === "0";
}

/** Adds what is known of the container to an error. */
async function explainFailure(
  error: unknown,
  { name, options }: NodePlan,
  { container, output }: Begun,
): Promise<Error> {
  const state = await container?.inspect().then(describeState, () => undefined);
  const lines = [...(state ? [state] : []), ...logDetails(output?.tail ?? [])];
  const message = `Cannot start node "${name}" from the image "${options.image}": ` +
    [(error as Error).message, ...lines].join("\n  ");
  return new Error(message, { cause: error });
}

function describeState(inspection: ContainerInspection | undefined): string {
  if (inspection === undefined) return "the engine has removed its container";
  const { Running, ExitCode, OOMKilled, Error } = inspection.State;
  if (Running) return "its container runs";
  const why = [OOMKilled ? "it ran out of memory" : "", Error].filter((text) => text !== "");
  return [`its container does not run (exit code ${ExitCode})`, ...why].join("; ");
}
