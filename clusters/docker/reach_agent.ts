import type { AgentSockets, Launch } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import type { AgentOutput } from "./agent_output.ts";
import type { Container, ContainerInspection } from "./container.ts";
import { CONTAINER_AGENT_PORT } from "./create_request.ts";
import type { RunningAgent } from "./docker_node_parts.ts";
import type { Engine } from "./engine/engine.ts";
import type { NodeNetworks } from "./node_networks.ts";
import { directRoute, openRoute } from "./route.ts";
import { unlessAborted } from "../concurrency/mod.ts";

/** Milliseconds in which an agent that says that it listens is connected to, on a busy machine too. */
const REACH_TIMEOUT = 30_000;

/** Where an agent is to be found, and what it has to know. */
export interface AgentPlace {
  /** The node's name. */
  readonly name: string;
  readonly engine: Engine;
  readonly container: Container;
  readonly networks: NodeNetworks;
  /** Variables for the processes that it starts. */
  readonly env: Readonly<Record<string, string>>;
}

/** How an agent is reached. */
export interface ReachOptions {
  readonly launch: Launch;
  /** Where it calls; without, it listens. */
  readonly sockets: AgentSockets | undefined;
  readonly signal: AbortSignal;
}

/**
 * Reaches the agent of a container that has just been started: hands it what it has to know by its
 * standard input, which no other process sees, and waits until it calls; or until it listens, and enrols
 * it.
 */
export async function reachAgent(
  output: AgentOutput,
  place: AgentPlace,
  options: ReachOptions,
): Promise<RunningAgent> {
  const { launch, sockets, signal } = options;
  const inspection = await place.container.inspect(signal);
  if (inspection === undefined) throw new Error("the engine has removed its container");
  const address = addressIn(place.networks.address, inspection);
  const env = { ...place.env, CLUSTERTEST_ADDRESS: address };
  await output.send(JSON.stringify({ ...launch.document, env }));
  const id = inspection.NetworkSettings.Networks[place.networks.address]?.NetworkID;
  const where = { address, networks: id ? [{ id, address }] : [] };
  if (sockets) return { connection: await sockets.connect({ signal }), output, ...where };
  return { ...await enrolAgent(output, place, { ...options, inspection }), ...where };
}

/** Reaches an agent that listens. */
async function enrolAgent(
  output: AgentOutput,
  { name, engine, networks }: AgentPlace,
  { launch, inspection, signal }: ReachOptions & { readonly inspection: ContainerInspection },
): Promise<Omit<RunningAgent, "address" | "networks">> {
  const listening = await unlessAborted(output.listening, signal);
  const route = networks.isDirect
    ? directRoute({ hostname: addressIn(networks.first, inspection), port: listening.port })
    : await openRoute(engine, publishedPort(inspection) ?? listening.port, signal);
  try {
    const { hostname, port } = route.route;
    using deadline = new Deadline(REACH_TIMEOUT, [signal], () => unreachable({ hostname, port }));
    const connection = await launch.connect(route.route, { name, signal: deadline.signal });
    return { connection, output, route };
  } catch (error) {
    await route[Symbol.asyncDispose]();
    throw error;
  }
}

function unreachable({ hostname, port }: { hostname: string; port: number }): Error {
  return new Error(
    `its agent listens, and was not reached at ${hostname}:${port} within ` +
      `${
        REACH_TIMEOUT / 1000
      } s; if a firewall is in its way, open it; if this program runs in a ` +
      `container, let that be in a network of the same engine, or start it with --network host`,
  );
}

function publishedPort({ NetworkSettings }: ContainerInspection): number | undefined {
  const published = NetworkSettings.Ports?.[`${CONTAINER_AGENT_PORT}/tcp`]?.[0];
  return published && Number(published.HostPort);
}

/** On the engine's machine itself, nodes reach each other as programs of one machine do. */
function addressIn(network: string, { NetworkSettings }: ContainerInspection): string {
  return NetworkSettings.Networks[network]?.IPAddress || "127.0.0.1";
}
