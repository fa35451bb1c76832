import type {
  CallOptions,
  HostPackets,
  MissingPart,
  PacketHold,
  PacketOptions,
  PacketRule,
  PacketShape,
  PacketShaping,
  PacketWatch,
  ProbeReceiver,
  ProbeTarget,
  TimedProbes,
} from "../host.ts";
import type { OpenResources } from "../open_resources.ts";
import type { JudgingOptions } from "./judged_packets.ts";
import type { PacketJudge } from "./packet_judge.ts";
import { RetiredFilters } from "./retired_filters.ts";

/** How packets are judged, and by whom. */
interface JudgingRequest extends Omit<JudgingOptions, "judge" | "retired" | "onEnd">, CallOptions {
  readonly judge: () => Promise<PacketJudge>;
}

/**
 * The packets that pass this machine's network, or that of the container which this is. What it takes is
 * loaded when it is asked for: few agents are.
 */
export class LocalPackets implements HostPackets {
  readonly #resources: OpenResources;
  readonly #retired = new RetiredFilters();
  #library: Disposable | undefined;

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
    const { latency = 0, loss = 0, bandwidth, duplicate = 0, corrupt = 0, reorder = 0 } = shaping;
    const isOnlyLate = loss === 0 && bandwidth === undefined && duplicate === 0 && corrupt === 0 &&
      reorder === 0 && latency > 0;
    return this.#judged(rules, {
      judge: async () => {
        const { PacketShaper } = await import("./packet_shaper.ts");
        return new PacketShaper(rules, shaping);
      },
      stage: "shape",
      // What the kernel takes for one packet is many to a network: they are lost, say, one by one.
      keepsSegments: isOnlyLate,
      isWhole: corrupt > 0,
      makesCopies: duplicate > 0,
      ...{ sparedPort, signal },
    });
  }

  /** Remembers probes that pass, until it is disposed of. */
  async watch(
    rules: readonly PacketRule[],
    { signal }: CallOptions = {},
  ): Promise<PacketWatch> {
    const { ProbeWitness } = await import("./probe_witness.ts");
    const witness = new ProbeWitness();
    const watching = await this.#judged(rules, {
      judge: () => Promise.resolve(witness),
      stage: "observe",
      ...{ keepsSegments: false, isWhole: true, makesCopies: false },
      signal,
    });
    return {
      seen: () => Promise.resolve(witness.seen),
      [Symbol.asyncDispose]: () => watching[Symbol.asyncDispose](),
    };
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

  /** What is made next needs it again, also if there is nothing at the moment. */
  #keep(library: Disposable): Disposable {
    // deno-lint-ignore require-await -- the contract is that of resources that take time to close
    this.#resources.add({ [Symbol.asyncDispose]: async () => library[Symbol.dispose]() });
    return library;
  }

  #judged(
    rules: readonly PacketRule[],
    { judge, signal, ...options }: JudgingRequest,
  ): Promise<PacketShape> {
    return this.#resources.during(async () => {
      const { JudgedPackets } = await import("./judged_packets.ts");
      const judging = { ...options, judge: await judge(), retired: this.#retired };
      signal?.throwIfAborted();
      const judged = JudgedPackets.open(rules, {
        ...judging,
        onEnd: () => this.#resources.delete(judged),
      });
      this.#resources.add(judged);
      return judged;
    });
  }

  #filter(
    rules: readonly PacketRule[],
    fate: "drop" | "count",
    { sparedPort, signal }: PacketOptions = {},
  ): Promise<PacketHold> {
    return this.#resources.during(async () => {
      const { PacketFilter } = await import("./packet_filter.ts");
      const { NetlinkLibrary } = await import("./netlink_library.ts");
      signal?.throwIfAborted();
      const filter = PacketFilter.open(rules, { fate, sparedPort });
      this.#library ??= this.#keep(new NetlinkLibrary());
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
