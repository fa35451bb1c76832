import { delay } from "../../agent/delay.ts";
import { Deadline } from "../../agent/deadline.ts";
import type { Host, PacketProtocol, ProbeReceiver } from "../../agent/host/host.ts";
import type { Node } from "../node/mod.ts";
import type { FaultEnd } from "./fault_options.ts";
import type { NetworkLink } from "./network_links.ts";
import { Outside } from "./outside.ts";
import { familyOf, widelyReachable } from "./probed_addresses.ts";

/** Datagrams of one check. One might be lost without any fault. */
const DATAGRAMS = 3;

/** Milliseconds that probes have to arrive, or to be counted as dropped. */
const PATIENCE = 2_000;

/** Milliseconds between two looks at what has arrived. */
const INTERVAL = 5;

/**
 * Milliseconds between two datagrams that are to be answered over ICMP: kernels answer a few of them at once,
 * and then one a second.
 */
const ICMP_INTERVAL = 400;

/** An address outside of everything: it is reserved for documentation, and nothing is sent there. */
const NOWHERE = "192.0.2.1";

/** A port that nobody listens at: what comes there is answered by the kernel, over ICMP. */
const UNUSED_PORT = 1;

/** Ports outside to which probes are sent that are measured. */
const OWN_PORTS = { first: 20_000, count: 10_000 };

/** A probe, and how many packets the fault has dropped of its link. */
export interface Probe {
  readonly from: FaultEnd;
  readonly to: FaultEnd;
  readonly address: string;
  readonly protocol: PacketProtocol;
  /** In place of a port of the probes' own. */
  readonly port?: number | undefined;
  /** Packets of this link that the fault has dropped until now. */
  readonly dropped: () => Promise<number>;
}

/** What became of a probe. */
export interface ProbeOutcome {
  readonly sent: number;
  readonly arrived: number;
  readonly dropped: number;
}

/**
 * Sends probes between nodes, by the agents that the nodes have anyway, and finds out what becomes of
 * them. From outside they are sent by this process. Disposing closes what takes them.
 */
export class Probes implements AsyncDisposable {
  readonly #hostOf: (node: Node) => Host;
  readonly #signal: AbortSignal;
  readonly #receivers = new Map<Node, Promise<ProbeReceiver>>();
  readonly #outside = new Outside();

  constructor(hostOf: (node: Node) => Host, signal: AbortSignal) {
    this.#hostOf = hostOf;
    this.#signal = signal;
  }

  /** Sends a probe, and waits until it has arrived or was dropped, or for some time. */
  async send(probe: Probe): Promise<ProbeOutcome> {
    const before = await probe.dropped();
    const dropped = async () => await probe.dropped() - before;
    const { end, ...begun } = await this.#begin(probe);
    try {
      return await this.#outcome({ ...begun, dropped });
    } finally {
      await end();
    }
  }

  /** Closes what takes probes. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closing = [...this.#receivers.values()].map(async (opening) => {
      const receiver = await opening;
      await receiver[Symbol.asyncDispose]();
    });
    // What cannot be closed is gone with its node.
    await Promise.allSettled([...closing, this.#outside[Symbol.asyncDispose]()]);
  }

  async #begin(probe: Probe): Promise<BegunProbe> {
    switch (probe.protocol) {
      case "udp":
        return await this.#sendDatagrams(probe);
      case "tcp":
        return await this.#connect(probe);
      case "icmp":
        return await this.#provokeIcmp(probe);
      default:
        return probe.protocol satisfies never;
    }
  }

  async #sendDatagrams({ from, to, address, port }: Probe): Promise<BegunProbe> {
    const receiver = await this.#receiver(to);
    const mark = crypto.randomUUID();
    const target = {
      hostname: to === "outside" ? NOWHERE : address,
      port: port ?? receiver?.port ?? UNUSED_PORT,
      mark,
      count: DATAGRAMS,
    };
    await this.senderOf(from).packets.sendProbes(target, { signal: this.#signal });
    // At another port than the receiver's, only what was dropped is seen.
    const arrived = () => receiver ? receiver.received(mark) : Promise.resolve(0);
    return { sent: DATAGRAMS, arrived, end: () => Promise.resolve() };
  }

  /** Nobody needs to listen: that a connection is refused has arrived as well. */
  async #connect({ from, to, address, port }: Probe): Promise<BegunProbe> {
    const receiver = await this.#receiver(to);
    const giveUp = new AbortController();
    const signal = AbortSignal.any([this.#signal, giveUp.signal]);
    let answers = 0;
    const target = {
      transport: "tcp",
      hostname: to === "outside" ? NOWHERE : address,
      port: port ?? receiver?.port ?? UNUSED_PORT,
    } as const;
    const dialling = this.senderOf(from).network.dial(target, { signal }).then(
      async (connection) => {
        answers++;
        await connection[Symbol.asyncDispose]();
      },
      (error) => {
        if (error instanceof Deno.errors.ConnectionRefused) answers++;
      },
    );
    const end = async () => {
      giveUp.abort();
      await dialling.catch(() => {});
    };
    return { sent: 1, arrived: () => Promise.resolve(answers), end };
  }

  /**
   * A datagram that goes the other way to a port that nobody has is answered over ICMP, of the same family.
   * Nothing that is outside can be made to answer, nor be answered.
   */
  async #provokeIcmp({ from, to, address }: Probe): Promise<BegunProbe> {
    const none = () => Promise.resolve(0);
    const end = () => Promise.resolve();
    if (from === "outside" || to === "outside") return { sent: 0, arrived: none, end };
    const [signal, { packets }] = [this.#signal, this.#hostOf(to)];
    const theirs = await this.#hostOf(from).packets.addresses({ signal });
    const hostname = widelyReachable(theirs).find((each) => familyOf(each) === familyOf(address))!;
    const target = { hostname, port: UNUSED_PORT, mark: "icmp", count: 1 };
    const again = () => packets.sendProbes(target, { signal });
    await again();
    return { sent: 1, arrived: none, again, end };
  }

  /** Until something has arrived, or as much was dropped as was sent at first. */
  async #outcome({ sent: first, again, arrived, dropped }: Watched): Promise<ProbeOutcome> {
    using deadline = new Deadline(PATIENCE, [this.#signal]);
    let sent = first;
    let latest = performance.now();
    for (;;) {
      // A look that has begun in time may have stood still: it is not the one that judges.
      const isLast = deadline.isOver;
      const outcome = { sent, arrived: await arrived(), dropped: await dropped() };
      if (outcome.arrived > 0 || outcome.dropped >= first || isLast) return outcome;
      this.#signal.throwIfAborted();
      if (again && performance.now() - latest >= ICMP_INTERVAL) {
        await again();
        latest = performance.now();
        sent++;
      }
      await delay(INTERVAL, deadline.signal).catch(() => {});
    }
  }

  /** Where probes of a link are taken, or are sent to be seen as they pass if nobody is to answer. */
  async portFor(
    { to }: NetworkLink,
    { isOneWay }: { readonly isOneWay: boolean },
  ): Promise<ProbePort> {
    const receiver = isOneWay ? undefined : await this.#receiver(to);
    // Probes of checks may still be on their way to the port of theirs, and are not to be counted.
    const ownPort = OWN_PORTS.first + Math.floor(Math.random() * OWN_PORTS.count);
    return { hostname: NOWHERE, port: receiver?.port ?? ownPort };
  }

  /** Who sends the probes of a link. */
  senderOf(from: FaultEnd): ProbeSender {
    return from === "outside" ? this.#outside : this.#hostOf(from);
  }

  /** Outside there is none. */
  async #receiver(node: FaultEnd): Promise<ProbeReceiver | undefined> {
    if (node === "outside") return undefined;
    const opening = this.#receivers.get(node) ??
      this.#hostOf(node).packets.receiveProbes({ signal: this.#signal });
    this.#receivers.set(node, opening);
    return await opening;
  }
}

/** Where probes are sent. */
export interface ProbePort {
  readonly hostname: string;
  readonly port: number;
}

/** Whoever sends probes. */
export interface ProbeSender {
  readonly packets: Pick<Host["packets"], "sendProbes" | "timeProbes">;
  readonly network: Pick<Host["network"], "dial">;
}

/** A probe that was sent. */
interface BegunProbe {
  readonly sent: number;
  readonly arrived: () => Promise<number>;
  /** Sends one more, where it may be that nothing was to come of the first one. */
  readonly again?: () => Promise<void>;
  /** Gives up what still waits for it. */
  readonly end: () => Promise<void>;
}

interface Watched extends Omit<BegunProbe, "end"> {
  readonly dropped: () => Promise<number>;
}
