import { UntilDone } from "../until_done.ts";
import type { Host } from "../host/host.ts";
import type { LaunchDocument } from "../identity/enrolment_proof.ts";
import { makeRunnerIdentity, type RunnerIdentity } from "../identity/identity.ts";
import { AgentHost } from "./agent_host.ts";
import { type KnownAgent, openTransport, pinnedTls } from "./agent_link.ts";
import { Ballast } from "./ballast.ts";
import { enrol } from "./enrol.ts";
import { Heartbeats, type KeptLease } from "./heartbeats.ts";
import type { LossReason } from "./loss_reason.ts";

export type { LaunchDocument, LossReason };

/** Where an agent is reached. */
export interface AgentRoute {
  /** A name, or an address. */
  readonly hostname: string;
  /** Of TCP. */
  readonly port: number;
}

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
  connect(route: AgentRoute, options: ConnectAgentOptions): Promise<AgentConnection>;
}

/** How an agent is connected to. */
export interface ConnectAgentOptions {
  /** The node's. */
  readonly name: string;
  /** Ends the wait for the agent. */
  readonly signal?: AbortSignal | undefined;
}

/** An agent that was enrolled. Disposing ends what was started on it, and the connection. */
export interface AgentConnection extends AsyncDisposable {
  /** What does the work. */
  readonly host: Host;
  /** Ends what was opened through `host`, and opens another session: `host` is a new one then. */
  renew(options: { readonly signal: AbortSignal }): Promise<void>;
  /** The agent is reached at another address from now on; what is under way does not notice. */
  move(to: AgentRoute): void;
  /** Resolves, once, to why the agent cannot be reached any more. */
  readonly lost: Promise<LossReason>;
  /** The agent is known to be gone: whatever waits for it fails at once, for this reason. */
  abandon(reason: string): void;
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
  readonly #connections = new Set<EnrolledAgent>();
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
      await Promise.all([...this.#connections].map((each) => each[Symbol.asyncDispose]()));
    } finally {
      this.#heartbeats?.[Symbol.dispose]();
      this.#ballast?.[Symbol.dispose]();
    }
  }

  async #connect(
    address: AgentRoute,
    { name, launch, signal }: ConnectAgentOptions & { launch: LaunchDocument },
  ): Promise<AgentConnection> {
    const signals = [signal, this.#options.signal].filter((each) => each !== undefined);
    const until = AbortSignal.any(signals);
    const agent = await enrol({ address, launch, runner: this.#runner, signal: until });
    this.#ballast ??= new Ballast();
    const connection = await this.#open(name, agent, until);
    this.#connections.add(connection);
    connection.defer(() => this.#connections.delete(connection));
    return connection;
  }

  async #open(
    name: string,
    agent: KnownAgent,
    signal: AbortSignal,
  ): Promise<EnrolledAgent> {
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
    return new EnrolledAgent(host, { connect, move, lease });
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

/** What leads to an agent. */
interface AgentAccess {
  /** Opens a session. */
  readonly connect: (signal: AbortSignal) => Promise<AgentHost>;
  /** From now on, sessions and heartbeats go there. */
  readonly move: AgentConnection["move"];
  readonly lease: Disposable;
}

class EnrolledAgent implements AgentConnection {
  readonly lost: Promise<LossReason>;
  readonly #access: AgentAccess;
  readonly #stack = new DisposableStack();
  readonly #lose: (reason: LossReason) => void;
  #host: AgentHost;
  readonly #disposal = new UntilDone(() => this.#dispose());

  constructor(host: AgentHost, access: AgentAccess) {
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
    this.#access = access;
    this.#host = this.#adopt(host);
    this.#stack.use(access.lease);
  }

  get host(): AgentHost {
    return this.#host;
  }

  async renew({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
    this.#host = this.#adopt(await this.#access.connect(signal));
  }

  move(to: AgentRoute): void {
    this.#access.move(to);
    this.#host.reconnect();
  }

  /** Calls `callback` at the end of the connection. */
  defer(callback: () => void): void {
    this.#stack.defer(callback);
  }

  abandon(reason: string): void {
    this.#host.fail(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.run();
  }

  async #dispose(): Promise<void> {
    try {
      await this.#host[Symbol.asyncDispose]();
    } finally {
      this.#stack.dispose();
    }
  }

  #adopt(host: AgentHost): AgentHost {
    host.lost.then(this.#lose);
    return host;
  }
}
