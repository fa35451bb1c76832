import type {
  CallOptions,
  DropOptions,
  HostPackets,
  MissingPart,
  PacketDrop,
  PacketRule,
  ProbeReceiver,
  ProbeTarget,
} from "../host.ts";
import type { OpenResources } from "../open_resources.ts";

/**
 * The packets that pass this machine's network, or that of the container which this is. What it takes is
 * loaded when it is asked for: few agents are.
 */
export class LocalPackets implements HostPackets {
  readonly #resources: OpenResources;

  constructor(resources: OpenResources) {
    this.#resources = resources;
  }

  /** The machine's addresses, without those of its loopback. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async addresses({ signal }: CallOptions = {}): Promise<string[]> {
    signal?.throwIfAborted();
    return Deno.networkInterfaces()
      .filter(({ name }) => name !== "lo")
      .sort((a, b) => a.family.localeCompare(b.family))
      .map(({ address }) => address);
  }

  /** Drops packets until it is disposed of, or this process ends. */
  drop(
    rules: readonly PacketRule[],
    { sparedPort, signal }: DropOptions = {},
  ): Promise<PacketDrop> {
    return this.#resources.during(async () => {
      const { PacketFilter } = await import("./packet_filter.ts");
      signal?.throwIfAborted();
      const filter = PacketFilter.open(rules, { sparedPort });
      const drop: PacketDrop = {
        counts: () => Promise.resolve(filter.counts()),
        // It lasts as long as this process.
        lost: new Promise<Error>(() => {}),
        [Symbol.asyncDispose]: () => {
          filter[Symbol.dispose]();
          this.#resources.delete(drop);
          return Promise.resolve();
        },
      };
      this.#resources.add(drop);
      return drop;
    });
  }

  /** Asks the kernel. */
  async missingParts({ signal }: CallOptions = {}): Promise<MissingPart[]> {
    const { missingParts } = await import("./kernel_parts.ts");
    signal?.throwIfAborted();
    return missingParts();
  }

  /** Counts datagrams that come. */
  receiveProbes({ signal }: CallOptions = {}): Promise<ProbeReceiver> {
    return this.#resources.during(async () => {
      const { UdpReceiver } = await import("./probe_receiver.ts");
      signal?.throwIfAborted();
      const receiver = await UdpReceiver.open(() => this.#resources.delete(receiver));
      this.#resources.add(receiver);
      return receiver;
    });
  }

  /** Sends datagrams. */
  sendProbes({ mark, ...target }: ProbeTarget, { signal }: CallOptions = {}): Promise<void> {
    return this.#resources.during(async () => {
      const { sendDatagrams } = await import("./udp_socket.ts");
      signal?.throwIfAborted();
      await sendDatagrams(target, mark);
    });
  }
}
