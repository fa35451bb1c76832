import type {
  Host,
  HostFiles,
  HostInfo,
  HostMachine,
  HostMetrics,
  HostNetwork,
  HostPackets,
  HostProcesses,
} from "../host/host.ts";
import { AgentFiles } from "./agent_files.ts";
import { AgentMachine } from "./agent_machine.ts";
import { AgentMetrics } from "./agent_metrics.ts";
import { AgentNetwork } from "./agent_network.ts";
import { AgentPackets } from "./agent_packets.ts";
import { AgentProcesses } from "./agent_processes.ts";
import { ClientSession, type ClientSessionOptions, type Dial } from "./client_session.ts";
import type { LossReason } from "./loss_reason.ts";

/** How a host is reached. */
export type AgentHostOptions = ClientSessionOptions;

/**
 * A {@linkcode Host} on another machine, reached through its agent. What is under way when the agent
 * cannot be reached any more fails with a `HostLostError`.
 */
export class AgentHost implements Host {
  readonly info: HostInfo;
  readonly files: HostFiles;
  readonly processes: HostProcesses;
  readonly network: HostNetwork;
  readonly packets: HostPackets;
  readonly machine: HostMachine;
  readonly metrics: HostMetrics;
  /** Resolves, once, to the reason for which the agent cannot be reached any more. */
  readonly lost: Promise<LossReason>;
  #session: ClientSession;

  private constructor(session: ClientSession) {
    this.#session = session;
    this.info = session.host;
    this.lost = session.lost;
    this.files = new AgentFiles(session);
    this.processes = new AgentProcesses(session);
    this.network = new AgentNetwork(session);
    this.packets = new AgentPackets(session);
    this.machine = new AgentMachine(session);
    this.metrics = new AgentMetrics(session);
  }

  /**
   * Opens a session.
   *
   * @throws what `dial` throws, the reason of `signal`, or an error with what the agent says against it.
   */
  static async connect(dial: Dial, options: AgentHostOptions = {}): Promise<AgentHost> {
    return new AgentHost(await ClientSession.open(dial, options));
  }

  /** Gives the agent up: whatever waits for it fails at once, with this reason. */
  fail(reason: string): void {
    this.#session.fail(reason);
  }

  /** Goes on over a new connection; what is under way does not notice. */
  reconnect(): void {
    this.#session.reconnect();
  }

  /** Ends what was started through it, within a bound, and closes the session. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

export type { Dial };
