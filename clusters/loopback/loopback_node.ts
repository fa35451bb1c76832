import type { AgentConnection, Fleet } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { killStrays, signalStrays } from "../../agent/host/stray_processes.ts";
import { type Abilities, CurrentHost, type LossReason, type ProvidedNode } from "../kit/mod.ts";
import { unlessAborted } from "../concurrency/mod.ts";
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
  readonly connection: AgentConnection;
}

/** A node that is an agent of this host, reached over TLS as one far away would be. */
export class LoopbackNode implements ProvidedNode {
  readonly host: CurrentHost;
  readonly id: string;
  readonly address: string;
  readonly lost: Promise<LossReason>;
  readonly abilities: Abilities;
  readonly #place: NodePlace;
  readonly #options: LoopbackNodeOptions;
  readonly #lose: (reason: LossReason) => void;
  #agent: RunningAgent;
  /** The agent is to end, and another one to take its place. */
  #restarting: Promise<void> | undefined;
  /** Aborts when no other agent is to take its place. */
  readonly #over = new AbortController();
  readonly #end = new UntilDone(() => this.#destroy());

  private constructor(place: NodePlace, agent: RunningAgent, options: LoopbackNodeOptions) {
    const { strays } = place;
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
    this.#place = place;
    this.#agent = agent;
    this.#options = options;
    this.host = new CurrentHost(agent.connection.host);
    this.id = `${agent.process.pid}`;
    this.address = place.address;
    this.abilities = {
      kill: { kill: () => this.#kill() },
      pause: {
        pause: async () => void await signalStrays(strays, "SIGSTOP"),
        resume: async () => void await signalStrays(strays, "SIGCONT"),
      },
      restart: { restart: () => this.#restart() },
    };
    this.#watch(agent);
  }

  /** Starts an agent at a place, and connects to it. */
  static async open(
    place: NodePlace,
    options: LoopbackNodeOptions,
    signal: AbortSignal,
  ): Promise<LoopbackNode> {
    return new LoopbackNode(place, await startAgent(place, options, signal), options);
  }

  destroy(): Promise<void> {
    return this.#end.run();
  }

  async #destroy(): Promise<void> {
    await this.#endRestart();
    const { process, connection } = this.#agent;
    try {
      connection.abandon("it was destroyed");
      await killStrays(this.#place.strays);
      await process[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    } finally {
      await this.#place.remove();
    }
  }

  /** How an agent has ended says more than that it cannot be reached. */
  async #watch({ process, connection }: RunningAgent): Promise<void> {
    const reason = await Promise.race([process.ended, connection.lost]);
    // An agent that is not reached any more is of no use, even if it goes on.
    connection.abandon(reason.summary);
    const end = await within(END_NOTICE, process.ended);
    if (!this.#restarting && !this.#end.hasBegun) this.#lose(end ?? reason);
  }

  async #kill(): Promise<void> {
    this.#lose({ summary: "it was killed, as the test asked for" });
    await this.#endRestart();
    this.#agent.connection.abandon("it was killed, as the test asked for");
    await killStrays(this.#place.strays);
  }

  /** Whoever asks for it meanwhile gets the same. */
  async #restart(): Promise<void> {
    try {
      await (this.#restarting ??= this.#restartOnce());
    } finally {
      this.#restarting = undefined;
    }
  }

  async #restartOnce(): Promise<void> {
    const { process, connection } = this.#agent;
    // The processes end first, and are seen to: the node itself is not lost.
    await connection[Symbol.asyncDispose]();
    await killStrays(this.#place.strays);
    await process[Symbol.asyncDispose]();
    try {
      this.#agent = await startAgent(this.#place, this.#options, this.#over.signal);
    } catch (error) {
      this.#lose({
        summary: `it did not come up again: ${(error as Error).message}`,
        cause: error,
      });
      throw error;
    }
    this.host.replace(this.#agent.connection.host);
    this.#watch(this.#agent);
  }

  /** Whatever agent there is now is the last one. */
  async #endRestart(): Promise<void> {
    this.#over.abort(new Deno.errors.Interrupted("Cannot restart the node: it is to end"));
    await this.#restarting?.catch(() => {});
  }
}

/** Milliseconds that an agent may take until it is connected to. */
const START_TIMEOUT = 60_000;

/** Milliseconds that an agent that cannot be reached has to turn out to have ended. */
const END_NOTICE = 500;

/** What `promise` resolves to, if it does so within some milliseconds. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

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
