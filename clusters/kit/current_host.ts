import type {
  Host,
  HostFiles,
  HostInfo,
  HostMachine,
  HostMetrics,
  HostNetwork,
  HostPackets,
  HostProcesses,
} from "../../agent/host/host.ts";

/** A host that is replaced when its node is started again: to its users it stays the same one. */
export class CurrentHost implements Host {
  #current: Host;

  /** Begins with this one. */
  constructor(host: Host) {
    this.#current = host;
  }

  /** As the current one has it. */
  get info(): HostInfo {
    return this.#current.info;
  }

  /** As the current one has it. */
  get files(): HostFiles {
    return this.#current.files;
  }

  /** As the current one has it. */
  get processes(): HostProcesses {
    return this.#current.processes;
  }

  /** As the current one has it. */
  get network(): HostNetwork {
    return this.#current.network;
  }

  /** As the current one has it. */
  get packets(): HostPackets {
    return this.#current.packets;
  }

  /** As the current one has it. */
  get machine(): HostMachine {
    return this.#current.machine;
  }

  /** As the current one has it. */
  get metrics(): HostMetrics {
    return this.#current.metrics;
  }

  /** Sends all later calls to this host. */
  replace(host: Host): void {
    this.#current = host;
  }

  /** Ends what the current one started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current[Symbol.asyncDispose]();
  }
}
