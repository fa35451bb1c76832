import pLimit from "p-limit";
import type { LaunchDocument } from "../identity/enrolment_proof.ts";
import { makeRunnerIdentity, type RunnerIdentity } from "../identity/identity.ts";
import { AgentHost } from "./agent_host.ts";
import { type AgentSockets, OpenSockets } from "./agent_sockets.ts";
import { type KnownAgent, pinnedTls } from "./agent_tls.ts";
import { Ballast } from "./ballast.ts";
import type { Dial } from "./client_session.ts";
import type { ClockOffset } from "./clock_offset.ts";
import { Heartbeats, type KeptLease } from "./heartbeats.ts";
import { type AgentRoute, type FleetAgent, LeasedAgent } from "./fleet_agent.ts";
import type { ShellThread } from "../shell/shell_offer.ts";
import type { LossReason } from "./loss_reason.ts";
import type { RoutedAgent } from "./module_lease_route.ts";
import type { TunnelConnection } from "./agent_tunnel.ts";
import type { ModuleRoute, RouteAccess, RouteAccesses, RouteModule } from "./module_route.ts";
import type { ModuleRenewal, Renewal, RenewalModule } from "./module_renewal.ts";
import type { LeaseSocket } from "./socket_lease_route.ts";
import type { TunnelledAgent } from "./tunnel_lease_route.ts";

export type {
  AgentRoute,
  AgentSockets,
  ClockOffset,
  FleetAgent,
  LaunchDocument,
  LossReason,
  ModuleRenewal,
  ModuleRoute,
  Renewal,
  RenewalModule,
  RouteAccess,
  RouteModule,
  TunnelConnection,
};

/** How the agents of a cluster are kept. */
export interface FleetOptions {
  /** Milliseconds between heartbeats, and without one until an agent ends. */
  readonly heartbeat: { readonly interval: number; readonly timeout: number };
  /** Called when a node's clock was read. */
  readonly onClock?: ((node: string, clock: ClockOffset) => void) | undefined;
  /**
   * Called with a failure of the thread that sends heartbeats; if it was of a renewal, also with what was to
   * be renewed.
   */
  readonly onHeartbeatFailure?: ((message: string, renewed?: string) => void) | undefined;
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
  connect(route: AgentRoute | ModuleRoute, options: ReachAgentOptions): Promise<FleetAgent>;
  /**
   * Opens Unix sockets in the folder `dir`, which it makes, at which one agent of this launch calls. To
   * be started with `--connect`, it has to run on this machine's kernel and see the folder, which should
   * be visible to nobody else; the path has at most some 90 bytes. Rejects if they cannot be opened.
   */
  openSockets(dir: string, options: ConnectAgentOptions): Promise<AgentSockets>;
}

/** One agent of a launch. */
interface LaunchedAgent extends ReachAgentOptions {
  readonly launch: LaunchDocument;
}

/** How an agent is connected to. */
export interface ConnectAgentOptions {
  /** The node's. Of an agent that is no node's, nobody reads the clock. @default none */
  readonly name?: string | undefined;
  /** Ends the wait for the agent. */
  readonly signal?: AbortSignal | undefined;
}

/** How an agent that listens is connected to. */
export interface ReachAgentOptions extends ConnectAgentOptions {
  /**
   * The agent of a node, by which it is reached: the port of the route is one of the node's loopback then.
   * TLS is between the two ends all the same. @default it is reached from here
   */
  readonly through?: AgentOnTheWay | undefined;
}

/** An agent that leads to another one. */
export interface AgentOnTheWay {
  /** The name that it was connected with. */
  readonly name: string;
  /** The connection to it. */
  readonly agent: FleetAgent;
}

/** How an agent that was enrolled is reached from then on. */
interface Approach {
  /** The agent as the thread that keeps its lease finds it. */
  readonly leased: (agent: KnownAgent) => KnownAgent | TunnelledAgent | RoutedAgent;
  /** Opens what carries a connection for a session. @default TCP, to where it was enrolled */
  readonly carry?: ((signal: AbortSignal) => Promise<TunnelConnection>) | undefined;
}

/**
 * Sessions that are opened at a time. A thousand handshakes at once would all be under way for longer than
 * each may take.
 */
export const MAX_OPENING = 32;

/** Bits of a launch token. */
const TOKEN_BITS = 256;

/**
 * The agents of one cluster, and the runner's identity, which they alone know: it is made with the
 * fleet, and gone with it.
 */
export class Fleet implements AsyncDisposable {
  readonly #runner: RunnerIdentity;
  readonly #options: FleetOptions;
  /** The fleet that has the thread which keeps leases: itself, unless it is a branch. */
  readonly #root: Fleet;
  readonly #agents = new Set<LeasedAgent>();
  readonly #opening = pLimit(MAX_OPENING);
  #heartbeats: Heartbeats | undefined;
  #accesses: RouteAccesses | undefined;
  #ballast: Ballast | undefined;
  /** The thread that keeps the leases, once there is one. */
  readonly #shells: ShellThread = {
    offer: (offer) => this.#root.#heartbeats?.offerShells(offer),
    withdraw: (withdrawal) => this.#root.#heartbeats?.withdrawShells(withdrawal),
  };

  private constructor(runner: RunnerIdentity, options: FleetOptions, root?: Fleet) {
    this.#runner = runner;
    this.#options = options;
    this.#root = root ?? this;
  }

  /** Makes the runner's identity. Nothing is started. */
  static create(options: FleetOptions): Fleet {
    return new Fleet(makeRunnerIdentity(), options);
  }

  /**
   * A fleet with the same identity, whose leases the same thread keeps. Disposing it gives up its own
   * agents alone; it is to be disposed of before this one.
   */
  branch(): Fleet {
    return new Fleet(this.#runner, this.#options, this.#root);
  }

  /** Makes a token for agents that are about to be started, and has the thread there that keeps leases. */
  launch(): Launch {
    // The lease of an agent begins with its first session, which does not wait for the thread.
    this.#root.#keeper();
    const random = crypto.getRandomValues(new Uint8Array(TOKEN_BITS / 8));
    const document = { caCertificate: this.#runner.authority, token: random.toHex() };
    let over = false;
    const check = () => {
      if (over) throw new Error("Cannot enrol an agent: its launch is over");
    };
    return {
      document,
      connect: async (route, options) => {
        check();
        const launched = { ...options, launch: document };
        if ("module" in route) return await this.#connectBy(route, launched);
        return await this.#connect(route, launched);
      },
      openSockets: async (dir, options) => {
        check();
        return await this.#openSockets(dir, { ...options, launch: document });
      },
      [Symbol.dispose]: () => void (over = true),
    };
  }

  /**
   * Has the thread that keeps leases renew something else, until the result or the fleet is disposed of:
   * also while the thread of the test stands at a breakpoint. Of a branch, only the former ends it.
   */
  renew(renewal: ModuleRenewal): Disposable {
    return this.#root.#keeper().renew(renewal);
  }

  /** Gives up every connection, and sends no more heartbeats. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Promise.all([...this.#agents].map((each) => each[Symbol.asyncDispose]()));
      await this.#accesses?.[Symbol.asyncDispose]();
    } finally {
      this.#heartbeats?.[Symbol.dispose]();
      this.#ballast?.[Symbol.dispose]();
    }
  }

  async #connect(
    route: AgentRoute,
    { through, ...options }: LaunchedAgent,
  ): Promise<FleetAgent> {
    if (!through) return await this.#enrol(route, options, { leased: (agent) => agent });
    const { AgentTunnel, loopbackOf } = await import("./agent_tunnel.ts");
    await using stack = new AsyncDisposableStack();
    const tunnel = stack.use(AgentTunnel.open({
      dial: loopbackOf(() => through.agent.renewed(), route.port),
      // A session that is to end waits for the connections which it carries.
      breaks: () => through.agent.renewing,
    }));
    // The thread that keeps leases has a tunnel of its own.
    const agent = await this.#enrol(tunnel.route, options, {
      leased: (known) => ({ ...known, ...route, through: through.name }),
    });
    const open = stack.move();
    agent.defer(() => open.disposeAsync());
    return agent;
  }

  /** By a way that each thread opens for itself. Only the enrolment needs a port of this machine's. */
  async #connectBy(route: ModuleRoute, options: LaunchedAgent): Promise<FleetAgent> {
    const { AgentTunnel } = await import("./agent_tunnel.ts");
    const { RouteAccesses } = await import("./module_route.ts");
    const accesses = this.#accesses ??= new RouteAccesses();
    const dial = (signal: AbortSignal) => accesses.dial(route, signal);
    await using tunnel = AgentTunnel.open({ dial });
    let isEnrolled = false;
    try {
      return await this.#enrol(tunnel.route, options, {
        leased: (known) => ({ ...known, route }),
        carry: (signal) => {
          isEnrolled = true;
          return dial(signal);
        },
      });
    } catch (error) {
      // Who has waited at the tunnel saw no more than its end.
      if (error instanceof Error && tunnel.failure && !isEnrolled) error.cause = tunnel.failure;
      throw error;
    }
  }

  async #enrol(
    address: AgentRoute,
    { name, launch, signal }: LaunchedAgent,
    { leased, carry }: Approach,
  ): Promise<LeasedAgent> {
    const until = this.#until(signal);
    const { enrol } = await import("./enrol.ts");
    const agent = await enrol({ address, launch, runner: this.#runner, signal: until });
    const { openTransport } = await import("./agent_socket.ts");
    const tls = pinnedTls(this.#runner, agent);
    const dial: Dial = async (signal) =>
      await openTransport(agent, { tls, signal, carrier: await carry?.(signal) });
    const keep = () => this.#keepLease(name, leased(agent));
    return await this.#open(dial, { keep, signal: until });
  }

  async #openSockets(dir: string, options: LaunchedAgent): Promise<AgentSockets> {
    const { name, launch: { token }, signal } = options;
    let agent: LeasedAgent | undefined;
    return await OpenSockets.open({
      dir,
      token,
      signal: this.#until(signal),
      keepLease: (socket) => this.#keepLease(name, socket),
      onReplacement: () => agent?.reconnect(),
      openAgent: async ({ dial, sockets }, signal) =>
        agent = await this.#open(dial, { keep: () => sockets, signal: this.#until(signal) }),
    });
  }

  /** Opens a session; `keep` gives what keeps its lease, and is disposed at its end. */
  async #open(
    dial: Dial,
    { keep, signal }: { keep: () => Disposable | AsyncDisposable; signal: AbortSignal },
  ): Promise<LeasedAgent> {
    this.#root.#ballast ??= new Ballast();
    const { timeout: patience } = this.#options.heartbeat;
    const connect = (signal: AbortSignal) => AgentHost.connect(dial, { patience, signal });
    // The launch of a node has an end of its own, as long as that may take.
    const first = { patience, signal, persists: true };
    const host = await this.#root.#opening(() => AgentHost.connect(dial, first));
    const agent = new LeasedAgent(host, {
      connect,
      lease: keep(),
      shells: this.#shells,
    });
    this.#agents.add(agent);
    agent.defer(() => this.#agents.delete(agent));
    return agent;
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    return AbortSignal.any([signal, this.#options.signal].filter((each) => each !== undefined));
  }

  #keepLease(
    name: string | undefined,
    agent: KnownAgent | TunnelledAgent | RoutedAgent | LeaseSocket,
  ): KeptLease {
    return this.#root.#keeper().keep(name, agent);
  }

  /** Starts the thread that keeps leases, if there is none yet. */
  #keeper(): Heartbeats {
    const { heartbeat, onClock = () => {}, onHeartbeatFailure } = this.#options;
    return this.#heartbeats ??= new Heartbeats(this.#runner, {
      ...heartbeat,
      onClock: ({ node, offset, error }) => {
        if (node !== undefined) onClock(node, { offset, error });
      },
      onFailure: onHeartbeatFailure,
    });
  }
}
