import { HostPaths } from "../../agent/host/host_paths.ts";
import { LocalNetwork } from "../../agent/host/local_network.ts";
import { OpenResources } from "../../agent/host/open_resources.ts";
import { LocalPackets } from "../../agent/host/packets/local_packets.ts";
import type { ProbeSender } from "./probes.ts";

/** The runner itself, which is outside of every cluster, as a sender of probes. */
export class Outside implements ProbeSender, AsyncDisposable {
  readonly #resources = new OpenResources();
  readonly packets: LocalPackets = new LocalPackets(this.#resources);
  readonly network: LocalNetwork = new LocalNetwork({
    paths: new HostPaths("/", { confine: false }),
    loopback: [],
    listenHostname: "127.0.0.1",
  }, this.#resources);

  /** Closes what is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }
}

/** The addresses of the runner's machine, without those of its loopback. */
export function runnerAddresses(): string[] {
  return Deno.networkInterfaces().filter(({ name }) => name !== "lo").map(({ address }) => address);
}
