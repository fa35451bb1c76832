import type { AgentSockets, FleetAgent, Launch } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { throwFailures, unlessAborted } from "../concurrency/mod.ts";
import type { Sidecar } from "../kit/mod.ts";
import type { Container } from "./container.ts";
import { ownedLabels } from "./labels.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { logDetails } from "../kit/mod.ts";
import type { SidecarContainers } from "./sidecar_containers.ts";
import { sidecarRequest } from "./sidecar_request.ts";
import { type FailedContainer, startContainer, type StartedContainer } from "./start_container.ts";
import { syscallFilter } from "./syscall_filter.ts";

/** Milliseconds in which a sidecar has to be there. */
const START_TIMEOUT = 60_000;

/** Whose sidecar it is. */
export interface SidecarPlace {
  readonly context: LaunchContext;
  readonly plan: NodePlan;
  /** The node's. */
  readonly container: Container;
  /** The node's own, by which a sidecar is reached that cannot call. */
  readonly agent: FleetAgent;
  /** A folder for its sockets, which does not exist yet; `undefined` if it cannot call. */
  readonly dir: string | undefined;
  /** Those beside the same node that cannot call: one more is added to them. */
  readonly sidecars: SidecarContainers;
}

/**
 * Launches an agent in a container beside that of a node: in its network namespace, as root, with no
 * privilege but that over the network, and with none of the node's files. Where it cannot call, it listens
 * at the node's loopback alone, and the node's agent leads to it: no port is published, and no network is
 * between the two. If that fails nothing is left of it.
 */
export async function launchSidecar(place: SidecarPlace, signal: AbortSignal): Promise<Sidecar> {
  const { context, plan, dir } = place;
  using launch = context.fleet.launch();
  const sockets = dir === undefined ? undefined : await launch.openSockets(dir, { signal });
  const started = await context.engine.inTurn(() => start(place, signal));
  try {
    if (!started.isStarted) throw started.error;
    return await reach(started, place, { launch, sockets, signal });
  } catch (error) {
    const reason = signal.aborted ? signal.reason : explained(error, { plan, started });
    const { container, output } = started;
    throwFailures([
      { status: "rejected", reason },
      ...await Promise.allSettled([container?.remove()]),
      ...await Promise.allSettled([output, sockets].map((each) => each?.[Symbol.asyncDispose]())),
    ]);
    throw reason;
  }
}

async function start(
  { context, plan, container, dir }: SidecarPlace,
  signal: AbortSignal,
): Promise<StartedContainer | FailedContainer> {
  const request = sidecarRequest({
    container: container.id,
    imageId: plan.image.id,
    pack: plan.pack,
    agentVolume: plan.agentVolume,
    labels: { ...ownedLabels("sidecar", context), "clustertest.node": plan.name },
    lease: context.lease,
    startTimeout: START_TIMEOUT,
    sockets: dir,
    syscallFilter: await syscallFilter(context.engine, signal),
  });
  // No node has a dot in its name.
  const containerName = `${plan.containerName}.${crypto.randomUUID().slice(0, 8)}`;
  const options = { ...plan.options, user: "0" };
  const network = `container:${container.id}`;
  return await startContainer({
    context,
    plan: { ...plan, containerName, options },
    request,
    networks: { first: network, address: network, isDirect: false },
    signal,
  });
}

/** How a sidecar is reached. */
interface Reach {
  readonly launch: Launch;
  readonly sockets: AgentSockets | undefined;
  readonly signal: AbortSignal;
}

async function reach(
  started: StartedContainer,
  place: SidecarPlace,
  { signal, ...options }: Reach,
): Promise<Sidecar> {
  const { container, output, ended } = started;
  const over = new AbortController();
  const end = ended.then(() => over.abort(new Error("its container has ended")));
  using deadline = new Deadline(START_TIMEOUT, [signal, over.signal]);
  await output.send(JSON.stringify(options.launch.document));
  const agent = await connect(started, place, { ...options, signal: deadline.signal });
  if (!options.sockets) place.sidecars.add(container);
  end.then(() => {
    place.sidecars.delete(container);
    agent.abandon("its container has ended");
  });
  const removal = new UntilDone(async () => {
    agent.abandon("it was removed");
    throwFailures([
      ...await Promise.allSettled([container.remove()]),
      ...await Promise.allSettled([agent, output].map((each) => each[Symbol.asyncDispose]())),
    ]);
  });
  return {
    host: agent.host,
    lost: agent.lost,
    [Symbol.asyncDispose]: () => removal.run(),
  };
}

async function connect(
  { output }: StartedContainer,
  { plan: { name }, agent }: SidecarPlace,
  { launch, sockets, signal }: Reach,
): Promise<FleetAgent> {
  if (sockets) return await sockets.connect({ signal });
  const route = await unlessAborted(output.listening, signal);
  return await launch.connect(route, { through: { name, agent }, signal });
}

function explained(
  error: unknown,
  { plan, started }: { plan: NodePlan; started: StartedContainer | FailedContainer },
): Error {
  const lines = logDetails(started.output?.tail ?? []);
  const message = `Cannot launch a sidecar of node "${plan.name}": ` +
    [(error as Error).message, ...lines].join("\n  ");
  return new Error(message, { cause: error });
}
