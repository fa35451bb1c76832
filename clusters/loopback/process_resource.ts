import type { Fleet, FleetAgent } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { freezeStrays, killStrays, signalStrays } from "../../agent/host/stray_processes.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { AgentNode, type LossReason, type NodeResource } from "../kit/mod.ts";
import type { NodePlace } from "../this_host/mod.ts";
import { AgentProcess, type AgentProcessOptions } from "./agent_process.ts";

/** What every node of a cluster is started with. */
export interface LoopbackNodeOptions extends Omit<AgentProcessOptions, "place" | "launch"> {
  readonly fleet: Fleet;
  readonly name: string;
}

/** An agent and the connection to it. */
interface RunningAgent {
  readonly process: AgentProcess;
  readonly connection: FleetAgent;
}

/** A node that is an agent of this host, reached over TLS as one far away would be. */
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

/** The process of an agent, which is another one after a restart. */
export class ProcessResource implements NodeResource {
  readonly id: string;
  readonly address: string;
  readonly #place: NodePlace;
  readonly #options: LoopbackNodeOptions;
  #process: AgentProcess;

  constructor(place: NodePlace, process: AgentProcess, options: LoopbackNodeOptions) {
    this.id = `${process.pid}`;
    this.address = place.address;
    this.#place = place;
    this.#process = process;
    this.#options = options;
  }

  ended(): Promise<LossReason> {
    return this.#process.ended;
  }

  async remove(): Promise<void> {
    try {
      await this.#endProcesses();
    } finally {
      await this.#place.remove();
    }
  }

  async kill(): Promise<void> {
    await killStrays(this.#place.strays);
  }

  async pause(): Promise<void> {
    await freezeStrays(this.#place.strays);
  }

  async resume(): Promise<void> {
    await signalStrays(this.#place.strays, "SIGCONT");
  }

  async restart(connection: FleetAgent, signal: AbortSignal): Promise<FleetAgent> {
    // What the agent started ends first, and is seen to: the node itself is not lost.
    await connection[Symbol.asyncDispose]();
    await this.#endProcesses();
    const agent = await startAgent(this.#place, this.#options, signal);
    this.#process = agent.process;
    return agent.connection;
  }

  async #endProcesses(): Promise<void> {
    await killStrays(this.#place.strays);
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Milliseconds that an agent may take until it is connected to. */
const START_TIMEOUT = 60_000;

/** A launch of its own for each agent: an agent that was started anew has to be enrolled anew. */
async function startAgent(
  place: NodePlace,
  { fleet, name, ...options }: LoopbackNodeOptions,
  signal: AbortSignal,
): Promise<RunningAgent> {
  using launch = fleet.launch();
  const process = await AgentProcess.start({ ...options, place, launch: launch.document });
  const ended = new AbortController();
  process.failure().then((error) => ended.abort(error));
  using until = new Deadline(START_TIMEOUT, [signal, ended.signal]);
  try {
    const route = await unlessAborted(process.address(), until.signal);
    const connection = await launch.connect(route, { name, signal: until.signal });
    return { process, connection };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}
