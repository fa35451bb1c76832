import type {
  Host,
  HostFiles,
  HostInfo,
  HostNetwork,
  HostProcesses,
} from "../../agent/host/host.ts";

/** A host that is replaced when its node is restarted: to its users it stays the same one. */
export class CurrentHost implements Host {
  #current: Host;

  constructor(host: Host) {
    this.#current = host;
  }

  get info(): HostInfo {
    return this.#current.info;
  }

  get files(): HostFiles {
    return this.#current.files;
  }

  get processes(): HostProcesses {
    return this.#current.processes;
  }

  get network(): HostNetwork {
    return this.#current.network;
  }

  /** What is done from now on is done by this one. */
  replace(host: Host): void {
    this.#current = host;
  }

  /** Ends what the current one started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current[Symbol.asyncDispose]();
  }
}
