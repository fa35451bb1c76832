import type { AgentSockets, Launch } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { throwFailures } from "../concurrency/mod.ts";
import type { Sidecar } from "../kit/mod.ts";
import type { Container } from "./container.ts";
import { ownedLabels } from "./labels.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { logDetails } from "./explain_end.ts";
import { sidecarRequest } from "./sidecar_request.ts";
import { type FailedContainer, startContainer, type StartedContainer } from "./start_container.ts";

/** Milliseconds in which a sidecar has to be there. */
const START_TIMEOUT = 60_000;

/** Whose sidecar it is. */
export interface SidecarPlace {
  readonly context: LaunchContext;
  readonly plan: NodePlan;
  /** The node's. */
  readonly container: Container;
  /** A folder for its sockets, which does not exist yet. */
  readonly dir: string;
}

/**
 * Launches an agent in a container beside that of a node: in its network namespace, as root, with no
 * privilege but that over the network, and with none of the node's files. If that fails nothing is left
 * of it.
 */
export async function launchSidecar(place: SidecarPlace, signal: AbortSignal): Promise<Sidecar> {
  const { context, plan, dir } = place;
  using launch = context.fleet.launch();
  const sockets = await launch.openSockets(dir, { signal });
  const started = await context.engine.inTurn(() => start(place, signal));
  try {
    if (!started.isStarted) throw started.error;
    return await reach(started, { launch, sockets, signal });
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
    sockets: dir,
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
  readonly sockets: AgentSockets;
  readonly signal: AbortSignal;
}

async function reach(
  { container, output, ended }: StartedContainer,
  { launch, sockets, signal }: Reach,
): Promise<Sidecar> {
  const over = new AbortController();
  const end = ended.then(() => over.abort(new Error("its container has ended")));
  using deadline = new Deadline(START_TIMEOUT, [signal, over.signal]);
  await output.send(JSON.stringify(launch.document));
  const agent = await sockets.connect({ signal: deadline.signal });
  end.then(() => agent.abandon("its container has ended"));
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

function explained(
  error: unknown,
  { plan, started }: { plan: NodePlan; started: StartedContainer | FailedContainer },
): Error {
  const lines = logDetails(started.output?.tail ?? []);
  const message = `Cannot launch a sidecar of node "${plan.name}": ` +
    [(error as Error).message, ...lines].join("\n  ");
  return new Error(message, { cause: error });
}
