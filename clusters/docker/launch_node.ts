import { Deadline } from "../../agent/deadline.ts";
import { throwFailures, unlessAborted } from "../concurrency/mod.ts";
import { AgentNode } from "../kit/mod.ts";
import type { AgentOutput } from "./agent_output.ts";
import { Container, type ContainerInspection } from "./container.ts";
import type { ContainerEnd } from "./container_events.ts";
import { createRequest, NODE_DIR } from "./create_request.ts";
import { ContainerResource, type RunningAgent } from "./container_resource.ts";
import type { CreateRequest } from "./docker_options.ts";
import { splitEnvironment } from "./environment.ts";
import { MAX_LIFE, ownedLabels } from "./labels.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { REPORT_DEADLINE } from "./death_cause.ts";
import { explainEnd, logDetails } from "./loss.ts";
import { networksOf, type NodeNetworks } from "./node_networks.ts";
import { type AgentPlace, reachAgent, type ReachOptions } from "./reach_agent.ts";
import { rootDirArchive } from "./root_dir_archive.ts";
import { publishingAddress } from "./route.ts";

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
  const begun: Begun = {};
  try {
    await engine.inTurn(() => start(begun, { context, plan, request, networks, signal }));
    const { container } = begun as Required<Begun>;
    const { name } = plan;
    const place = { name, engine, container, networks, env: env.processes };
    const agent = await reachInTime(begun as Required<Begun>, place, { ...plan, ...options });
    const departures = networks.first === network ? context.departures : undefined;
    const parts = { container, events, departures, network, options: plan.options };
    return new AgentNode(agent.connection, new ContainerResource(agent, parts));
  } catch (error) {
    const reason = signal.aborted ? signal.reason : await explainFailure(error, plan, begun);
    const removed = await Promise.allSettled([begun.container?.remove()]);
    const closed = await Promise.allSettled([begun.output?.[Symbol.asyncDispose]()]);
    throwFailures([{ status: "rejected", reason }, ...removed, ...closed]);
    throw reason;
  }
}

/** Reaches the agent, unless its container ends before or it takes too long. */
async function reachInTime(
  { output, ended }: Required<Begun>,
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
      `firewall between here and the engine, or that this program runs in a container itself`,
  );
}

type Reach = ReachOptions & Pick<NodePlan, "options">;

/** What there is of a node so far. */
interface Begun {
  container?: Container;
  output?: AgentOutput;
  /** Listened to from the beginning: who asks later is told nothing. */
  ended?: Promise<ContainerEnd>;
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
    imageId: plan.image.id,
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
  const { context: { engine, events }, plan, request, networks, signal } = options;
  const { containerName, options: { platform } } = plan;
  const container = await Container.create(engine, containerName, request, { platform });
  begun.container = container;
  begun.ended = events.died(container.id);
  signal.throwIfAborted();
  if (!runsAsRoot(plan)) await container.unpack(await rootDirArchive(), NODE_DIR, signal);
  begun.output = await container.attach(signal);
  await container.start(signal);
  // While the agent boots: it takes longer, and is told its address after that.
  const { first, address } = networks;
  if (first !== address) await container.join(address, { alias: plan.name, signal });
}

function runsAsRoot({ options, image }: NodePlan): boolean {
  const [user] = (options.user ?? image.user).split(":");
  return user === "" || user === "root" || user === "0";
}

/** Adds what is known of the container to an error. */
async function explainFailure(
  error: unknown,
  { name, options }: NodePlan,
  { container, output, ended }: Begun,
): Promise<Error> {
  const inspection = await container?.inspect().catch(() => undefined);
  const end = inspection?.State.Running || !ended ? undefined : await soon(ended);
  const state = end
    ? explainEnd(end, { memory: options.memory, log: [] }).summary
    : container && describeState(inspection);
  const lines = [...(state ? [state] : []), ...logDetails(output?.tail ?? [])];
  const message = `Cannot start node "${name}" from the image "${options.image}": ` +
    [(error as Error).message, ...lines].join("\n  ");
  return new Error(message, { cause: error });
}

/** What is there within a moment, if it is. */
async function soon<T>(promise: Promise<T>): Promise<T | undefined> {
  using late = new Deadline(REPORT_DEADLINE);
  return await unlessAborted(promise, late.signal).catch(() => undefined);
}

function describeState(inspection: ContainerInspection | undefined): string {
  if (inspection === undefined) return "the engine has removed its container";
  const { Running, ExitCode, OOMKilled, Error } = inspection.State;
  if (Running) return "its container runs";
  const why = [OOMKilled ? "it ran out of memory" : "", Error].filter((text) => text !== "");
  return [`its container does not run (exit code ${ExitCode})`, ...why].join("; ");
}
