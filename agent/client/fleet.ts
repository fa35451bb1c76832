import type { LaunchDocument } from "../identity/enrolment_proof.ts";
import { makeRunnerIdentity, type RunnerIdentity } from "../identity/identity.ts";
import { AgentHost } from "./agent_host.ts";
import { openTransport } from "./agent_socket.ts";
import { type KnownAgent, pinnedTls } from "./agent_tls.ts";
import { Ballast } from "./ballast.ts";
import { enrol } from "./enrol.ts";
import { Heartbeats, type KeptLease } from "./heartbeats.ts";
import { type AgentAccess, type AgentRoute, type FleetAgent, LeasedAgent } from "./fleet_agent.ts";
import type { LossReason } from "./loss_reason.ts";

export type { AgentRoute, FleetAgent, LaunchDocument, LossReason };

/** How the agents of a cluster are kept. */
export interface FleetOptions {
  /** Milliseconds between heartbeats, and without one until an agent ends. */
  readonly heartbeat: { readonly interval: number; readonly timeout: number };
  /** Called when a node's clock was read: its time minus this one, in milliseconds. */
  readonly onClock?: ((node: string, offset: number) => void) | undefined;
  /** Called with a failure that heartbeats survived. */
  readonly onHeartbeatFailure?: ((message: string) => void) | undefined;
  /** Aborts everything that waits. */
  readonly signal?: AbortSignal | undefined;
}

/** A launch of agents. Disposing it forgets its token: no more can be enrolled. */
export interface Launch extends Disposable {
  /** What an agent reads from its standard input or from a file, as JSON. */
  readonly document: LaunchDocument;
  /**
   * Waits until the agent answers, enrols it and opens a session. Rejects when it is another one, or
   * `signal` aborts; the reason's `cause` is then why the last attempt failed.
   */
  connect(route: AgentRoute, options: ConnectAgentOptions): Promise<FleetAgent>;
}

/** How an agent is connected to. */
export interface ConnectAgentOptions {
  /** The node's. */
  readonly name: string;
  /** Ends the wait for the agent. */
  readonly signal?: AbortSignal | undefined;
}

/** Bits of a launch token. */
const TOKEN_BITS = 256;

/**
 * The agents of one cluster, and the runner's identity, which they alone know: it is made with the
 * fleet, and gone with it.
 */
export class Fleet implements AsyncDisposable {
  readonly #runner: RunnerIdentity;
  readonly #options: FleetOptions;
  readonly #agents = new Set<LeasedAgent>();
  #heartbeats: Heartbeats | undefined;
  #ballast: Ballast | undefined;

  private constructor(runner: RunnerIdentity, options: FleetOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  /** Makes the runner's identity. Nothing is started. */
  static create(options: FleetOptions): Fleet {
    return new Fleet(makeRunnerIdentity(), options);
  }

  /** Makes a token for agents that are about to be started. */
  launch(): Launch {
    const random = crypto.getRandomValues(new Uint8Array(TOKEN_BITS / 8));
    const document = { caCertificate: this.#runner.authority, token: random.toHex() };
    let over = false;
    return {
      document,
      connect: async (route, options) => {
        if (over) throw new Error("Cannot enrol an agent: its launch is over");
        return await this.#connect(route, { ...options, launch: document });
      },
      [Symbol.dispose]: () => void (over = true),
    };
  }

  /** Gives up every connection, and sends no more heartbeats. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Promise.all([...this.#agents].map((each) => each[Symbol.asyncDispose]()));
    } finally {
      this.#heartbeats?.[Symbol.dispose]();
      this.#ballast?.[Symbol.dispose]();
    }
  }

  async #connect(
    address: AgentRoute,
    { name, launch, signal }: ConnectAgentOptions & { launch: LaunchDocument },
  ): Promise<FleetAgent> {
    const signals = [signal, this.#options.signal].filter((each) => each !== undefined);
    const until = AbortSignal.any(signals);
    const agent = await enrol({ address, launch, runner: this.#runner, signal: until });
    this.#ballast ??= new Ballast();
    const kept = await this.#open(name, agent, until);
    this.#agents.add(kept);
    kept.defer(() => this.#agents.delete(kept));
    return kept;
  }

  async #open(
    name: string,
    agent: KnownAgent,
    signal: AbortSignal,
  ): Promise<LeasedAgent> {
    const tls = pinnedTls(this.#runner, agent);
    let place = agent;
    const connect = (signal: AbortSignal) =>
      AgentHost.connect(
        (signal) => openTransport(place, { tls, signal }),
        { patience: this.#options.heartbeat.timeout, signal },
      );
    const host = await connect(signal);
    const lease = this.#keepLease(name, agent);
    const move: AgentAccess["move"] = (to) => lease.move(place = { ...place, ...to });
    return new LeasedAgent(host, { connect, move, lease });
  }

  #keepLease(name: string, agent: KnownAgent): KeptLease {
    const { heartbeat: { interval }, onClock = () => {}, onHeartbeatFailure } = this.#options;
    this.#heartbeats ??= new Heartbeats(this.#runner, {
      interval,
      onClock: ({ node, offset }) => onClock(node, offset),
      onFailure: onHeartbeatFailure,
    });
    return this.#heartbeats.keep(name, agent);
  }
}
