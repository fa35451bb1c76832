import type {
  CallOptions,
  HostPackets,
  MissingPart,
  PacketHold,
  PacketOptions,
  PacketRule,
  PacketShape,
  PacketShaping,
  ProbeReceiver,
  ProbeTarget,
  TimedProbes,
} from "../host.ts";
import type { OpenResources } from "../open_resources.ts";
import { RetiredFilters } from "./retired_filters.ts";

/**
 * The packets that pass this machine's network, or that of the container which this is. What it takes is
 * loaded when it is asked for: few agents are.
 */
export class LocalPackets implements HostPackets {
  readonly #resources: OpenResources;
  readonly #retired = new RetiredFilters();

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
  drop(rules: readonly PacketRule[], options?: PacketOptions): Promise<PacketHold> {
    return this.#filter(rules, "drop", options);
  }

  /** Counts packets that pass, until it is disposed of. */
  count(rules: readonly PacketRule[], options?: CallOptions): Promise<PacketHold> {
    return this.#filter(rules, "count", options);
  }

  /** Delays packets, or loses some of them, until it is disposed of, or this process ends. */
  shape(
    rules: readonly PacketRule[],
    shaping: PacketShaping,
    { sparedPort, signal }: PacketOptions = {},
  ): Promise<PacketShape> {
    return this.#resources.during(async () => {
      const { ShapedPackets } = await import("./shaped_packets.ts");
      signal?.throwIfAborted();
      const shape = ShapedPackets.open(rules, shaping, {
        sparedPort,
        retired: this.#retired,
        onEnd: () => this.#resources.delete(shape),
      });
      this.#resources.add(shape);
      return shape;
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
  sendProbes(target: ProbeTarget, { signal }: CallOptions = {}): Promise<void> {
    return this.#resources.during(async () => {
      const { sendDatagrams } = await import("./udp_socket.ts");
      signal?.throwIfAborted();
      await sendDatagrams(target, signal);
    });
  }

  /** Sends datagrams, and waits for their answers. */
  timeProbes(target: TimedProbes, { signal }: CallOptions = {}): Promise<number[]> {
    return this.#resources.during(async () => {
      const { timeDatagrams } = await import("./udp_socket.ts");
      signal?.throwIfAborted();
      return await timeDatagrams(target, signal);
    });
  }

  #filter(
    rules: readonly PacketRule[],
    fate: "drop" | "count",
    { sparedPort, signal }: PacketOptions = {},
  ): Promise<PacketHold> {
    return this.#resources.during(async () => {
      const { PacketFilter } = await import("./packet_filter.ts");
      signal?.throwIfAborted();
      const filter = PacketFilter.open(rules, { fate, sparedPort });
      const hold: PacketHold = {
        counts: () => Promise.resolve(filter.counts()),
        // It lasts as long as this process.
        lost: new Promise<Error>(() => {}),
        [Symbol.asyncDispose]: () => {
          this.#resources.delete(hold);
          this.#retired.retire(filter);
          return Promise.resolve();
        },
      };
      this.#resources.add(hold);
      return hold;
    });
  }
}
