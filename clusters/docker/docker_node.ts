import { setTimeout as delay } from "node:timers/promises";
import type { AgentConnection } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { UntilDone } from "../../agent/until_done.ts";
import { aborted, throwFailures } from "../concurrency/mod.ts";
import { type Abilities, CurrentHost, type LossReason, type ProvidedNode } from "../kit/mod.ts";
import type { AgentOutput } from "./agent_output.ts";
import type { Container } from "./container.ts";
import type { ContainerEvents } from "./container_events.ts";
import type { Departures } from "./departures.ts";
import { findFate } from "./fate.ts";
import type { ContainerOptions } from "./docker_options.ts";
import { takeRefuge } from "./refuge.ts";
import type { Route } from "./route.ts";

/** An agent that runs in a container, and all that leads to it. */
export interface RunningAgent {
  readonly connection: AgentConnection;
  readonly output: AgentOutput;
  readonly route: Route;
  /** Where other nodes of its network reach it. */
  readonly address: string;
}

/** What a node is made of. */
export interface DockerNodeParts {
  readonly container: Container;
  readonly events: ContainerEvents;
  /** Who leaves a network, if the agent is reached through `network` as long as it is there. */
  readonly departures: Departures | undefined;
  /** Name of the cluster's own. */
  readonly network: string;
  readonly options: ContainerOptions;
}

/** Milliseconds that a container whose agent is gone has to turn out to have ended. */
const FATE_DEADLINE = 3000;

/** Milliseconds that a restart may take. */
const RESTART_DEADLINE = 30_000;

/** A node that is a container. */
export class DockerNode implements ProvidedNode {
  readonly host: CurrentHost;
  readonly id: string;
  readonly address: string;
  readonly lost: Promise<LossReason>;
  readonly abilities: Abilities = {
    kill: { kill: () => this.#kill() },
    pause: { pause: () => this.#pause(), resume: () => this.#resume() },
    restart: { restart: () => this.#restart() },
  };
  readonly #parts: DockerNodeParts;
  readonly #agent: RunningAgent;
  readonly #lose: (reason: LossReason) => void;
  #watching = new AbortController();
  #watched: Promise<void> = Promise.resolve();
  #followed: Promise<void> = Promise.resolve();
  #isKilled = false;
  #isPaused = false;
  readonly #end = new UntilDone(() => this.#release());

  constructor(agent: RunningAgent, parts: DockerNodeParts) {
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
    this.#parts = parts;
    this.#agent = agent;
    this.host = new CurrentHost(agent.connection.host);
    this.id = parts.container.id;
    this.address = agent.address;
    this.#watch();
  }

  destroy(): Promise<void> {
    return this.#end.run();
  }

  /** Removes the container, and then everything on this side. All of it is tried. */
  async #release(): Promise<void> {
    await this.#ignore();
    const removed = await Promise.allSettled([this.#parts.container.remove()]);
    this.#agent.connection.abandon("its container was removed");
    const closed = await this.#disconnect();
    this.#parts.events.forget(this.id);
    throwFailures([...removed, ...closed]);
  }

  async #disconnect(): Promise<PromiseSettledResult<void>[]> {
    const { connection, output, route } = this.#agent;
    const closed = await Promise.allSettled([connection[Symbol.asyncDispose]()]);
    const rest = [output, route].map((each) => each[Symbol.asyncDispose]());
    return [...closed, ...await Promise.allSettled(rest)];
  }

  async #kill(): Promise<void> {
    const { signal } = this.#watching;
    this.#isKilled = true;
    try {
      await this.#parts.container.kill();
    } catch (error) {
      this.#isKilled = false;
      throw error;
    }
    await Promise.race([this.lost, aborted(signal)]);
  }

  async #pause(): Promise<void> {
    if (this.#isPaused) return;
    await this.#parts.container.pause();
    this.#isPaused = true;
  }

  async #resume(): Promise<void> {
    if (!this.#isPaused) return;
    await this.#parts.container.unpause();
    this.#isPaused = false;
  }

  /**
   * The container goes on: an engine that starts one again may give it another address, and may
   * remove it, since it is to be removed when it ends.
   */
  async #restart(): Promise<void> {
    const { connection } = this.#agent;
    using deadline = new Deadline(RESTART_DEADLINE);
    const { signal } = deadline;
    try {
      await connection.host.processes.kill({ signal });
      await connection.renew({ signal });
      this.host.replace(connection.host);
    } catch (error) {
      this.#lose({ summary: `it did not come up again: ${(error as Error).message}` });
      throw error;
    }
  }

  #watch(): void {
    const { signal } = this.#watching = new AbortController();
    this.#watched = this.#notice(signal);
    this.#parts.departures?.watch(this.id, () => {
      // One after the other: an engine may say twice that a container has left.
      this.#followed = this.#followed.then(() => this.#follow(signal));
    });
  }

  /** The container has left the network through which its agent was reached. */
  async #follow(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { connection } = this.#agent;
    const { container, network } = this.#parts;
    await takeRefuge(container, { network, connection }).catch(({ message }: Error) => {
      connection.abandon(`its container left its network, and could not join another: ${message}`);
    });
  }

  /** Stops caring for what becomes of the container. */
  async #ignore(): Promise<void> {
    this.#parts.departures?.forget(this.id);
    this.#watching.abort();
    await Promise.all([this.#watched, this.#followed]);
  }

  async #notice(signal: AbortSignal): Promise<void> {
    const fate = findFate(this.#agent, this.#parts, signal).catch(() => undefined);
    const lost = this.#agent.connection.lost.then((reason) => knownWithin(fate, reason));
    const reason = await Promise.race([fate, lost, aborted(signal)]);
    if (reason === undefined || signal.aborted) return;
    this.#lose(this.#isKilled ? { summary: "it was killed, as the test asked for" } : reason);
    this.#agent.connection.abandon(reason.summary);
  }
}

/** How a container has ended says more than that its agent is gone; it comes soon if at all. */
async function knownWithin(
  fate: Promise<LossReason | undefined>,
  otherwise: LossReason,
): Promise<LossReason> {
  const enough = new AbortController();
  const late = delay(FATE_DEADLINE, undefined, enough).catch(() => undefined);
  const known = await Promise.race([fate, late]);
  enough.abort();
  return known ?? otherwise;
}
