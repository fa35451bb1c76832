import type { Fleet, FleetAgent, Launch } from "../../agent/client/fleet.ts";
import { ExitCode } from "../../agent/command_line.ts";
import { Deadline } from "../../agent/deadline.ts";
import { StrayFreeze } from "../../agent/host/stray_freeze.ts";
import { killStrays } from "../../agent/host/stray_processes.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { AgentNode, type LossReason, type NodeResource, type StoredFiles } from "../kit/mod.ts";
import { type NodePlace, openStoredFiles } from "../this_host/mod.ts";
import { LoopbackAgent, type LoopbackAgentOptions } from "./loopback_agent.ts";

/** What every node of a cluster is started with. */
export interface LoopbackNodeOptions extends Omit<LoopbackAgentOptions, "place" | "sockets"> {
  readonly fleet: Fleet;
  readonly name: string;
  /** Called when an agent is to be reached over TLS, with the reason. */
  readonly onTls?: ((reason: string) => void) | undefined;
}

/** An agent and the connection to it. */
interface RunningAgent {
  readonly process: LoopbackAgent;
  readonly connection: FleetAgent;
}

/** A node that is an agent of this host, reached over the whole wire. */
export type LoopbackNode = AgentNode<ProcessResource>;

/** Starts an agent at a place, and connects to it. */
export async function openLoopbackNode(
  place: NodePlace,
  options: LoopbackNodeOptions,
  signal: AbortSignal,
): Promise<LoopbackNode> {
  const { process, connection } = await startAgent(place, options, signal);
  return new AgentNode(connection, new ProcessResource(place, process, options));
}

/** The process of an agent, which is another one after each start; between a kill and that there is none. */
export class ProcessResource implements NodeResource {
  readonly id: string;
  readonly address: string;
  readonly networks: NodePlace["networks"];
  readonly openStoredFiles: () => Promise<StoredFiles>;
  readonly #place: NodePlace;
  readonly #options: LoopbackNodeOptions;
  readonly #freeze: StrayFreeze;
  #process: LoopbackAgent;
  #isDown = false;

  constructor(place: NodePlace, process: LoopbackAgent, options: LoopbackNodeOptions) {
    this.id = `${process.pid}`;
    this.address = place.address;
    this.networks = place.networks;
    this.openStoredFiles = () => openStoredFiles(place);
    this.#place = place;
    this.#freeze = new StrayFreeze(place.strays);
    this.#process = process;
    this.#options = options;
  }

  ended(): Promise<LossReason> {
    return this.#isDown ? new Promise(() => {}) : this.#process.ended;
  }

  async remove(): Promise<void> {
    try {
      await this.#endProcesses();
    } finally {
      await this.#place.remove();
    }
  }

  async kill(agent: FleetAgent, onDown: () => void): Promise<void> {
    onDown();
    this.#isDown = true;
    // Before the agent hears of it: what has hidden is found by its parent, as long as that lives.
    await this.#endProcesses();
    await this.#freeze.thaw();
    agent.abandon("it was killed");
    await agent[Symbol.asyncDispose]();
  }

  async pause(): Promise<void> {
    await this.#freeze.freeze();
  }

  async resume(): Promise<void> {
    await this.#freeze.thaw();
  }

  async start(_killed: FleetAgent, signal: AbortSignal): Promise<FleetAgent> {
    const { process, connection } = await startAgent(this.#place, this.#options, signal);
    this.#process = process;
    this.#isDown = false;
    return connection;
  }

  async #endProcesses(): Promise<void> {
    await killStrays(this.#place.strays);
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Milliseconds that an agent may take until it is connected to. */
const START_TIMEOUT = 60_000;

/**
 * A launch of its own for each agent: an agent that was started anew has to be enrolled anew. It calls
 * at sockets of its own, or listens by TLS where there can be none, as in a folder with a long path.
 */
async function startAgent(
  place: NodePlace,
  options: LoopbackNodeOptions,
  signal: AbortSignal,
): Promise<RunningAgent> {
  using until = new Deadline(START_TIMEOUT, [signal]);
  try {
    return await startCalling(place, options, until.signal);
  } catch (error) {
    if (!(error instanceof NoSockets)) throw error;
    options.onTls?.(error.message);
  }
  const { fleet, name } = options;
  using launch = fleet.launch();
  const process = LoopbackAgent.start({ ...options, place });
  return await connected(process, launch, {
    signal: until.signal,
    connect: async (signal) => {
      const route = await unlessAborted(process.address(), signal);
      return await launch.connect(route, { name, signal });
    },
  });
}

/** Why an agent is to be reached over TLS. */
class NoSockets extends Error {}

/** Starts an agent that calls. It boots while the thread for its heartbeats does. */
async function startCalling(
  place: NodePlace,
  options: LoopbackNodeOptions,
  signal: AbortSignal,
): Promise<RunningAgent> {
  const { fleet, name } = options;
  using launch = fleet.launch();
  const dir = place.socketFolder();
  const process = LoopbackAgent.start({ ...options, place, sockets: dir });
  const sockets = await launch.openSockets(dir, { name, signal }).catch(async (error: Error) => {
    await process[Symbol.asyncDispose]();
    signal.throwIfAborted();
    throw new NoSockets(error.message);
  });
  try {
    const connect = (signal: AbortSignal) => sockets.connect({ signal });
    return await connected(process, launch, { connect, signal });
  } catch (error) {
    await sockets[Symbol.asyncDispose]();
    if (process.exitCode !== ExitCode.unreachable) throw error;
    throw new NoSockets("the agent could not connect to a socket of this program");
  }
}

/** How an agent that was started is connected to. */
interface Connecting {
  readonly connect: (signal: AbortSignal) => Promise<FleetAgent>;
  readonly signal: AbortSignal;
}

/** Launches an agent, and connects to it unless it ends before; ends it if that fails. */
async function connected(
  process: LoopbackAgent,
  { document }: Launch,
  { connect, signal }: Connecting,
): Promise<RunningAgent> {
  const ended = new AbortController();
  process.failure().then((error) => ended.abort(error));
  try {
    await process.launch(document);
    return { process, connection: await connect(AbortSignal.any([signal, ended.signal])) };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}
