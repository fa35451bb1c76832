import type { CallOptions } from "./call_options.ts";

/** Protocols by which packets can be told apart. `"icmp"` is that of IPv6 as well. */
export type PacketProtocol = "tcp" | "udp" | "icmp";

/** Packets, those for which all of it holds. */
export interface PacketRule {
  /** Whether they come to the host, or are sent by it. */
  readonly direction: "in" | "out";
  /** The address of the other side. @default any */
  readonly peer?: string | undefined;
  /** Addresses that the other side does not have; packets within the host are left out as well. */
  readonly notPeers?: readonly string[] | undefined;
  /** Of which protocol they are. @default any */
  readonly protocol?: PacketProtocol | undefined;
  /** The port of the one side or of the other, of TCP and of UDP. @default any */
  readonly port?: number | undefined;
  /** Rules of the same link share its bandwidth. @default a link of its own */
  readonly link?: number | undefined;
}

/**
 * How latencies differ: by up to the jitter, all of them as probable; as in nature, or with few that are much
 * later than most, the jitter being the standard deviation, up to four times of it.
 */
export type JitterDistribution = "uniform" | "normal" | "pareto";

/** What becomes of packets on their way. Probabilities are from 0 to 1. */
export interface PacketShaping {
  /** Milliseconds by which each is late. @default 0 */
  readonly latency?: number | undefined;
  /** Milliseconds by which that differs. The packets of a flow keep their order. @default 0 */
  readonly jitter?: number | undefined;
  /** How it differs. @default "uniform" */
  readonly distribution?: JitterDistribution | undefined;
  /** How probable it is that one is lost. @default 0 */
  readonly loss?: number | undefined;
  /** How much that depends on whether the one before it in its flow was lost, from 0 to 1. @default 0 */
  readonly correlation?: number | undefined;
  /** How probable it is that one arrives twice. @default 0 */
  readonly duplicate?: number | undefined;
  /** How probable it is that one is not late, and overtakes those before it. @default 0 */
  readonly reorder?: number | undefined;
  /** How probable it is that a bit of one is turned over, which its checksum shows. @default 0 */
  readonly corrupt?: number | undefined;
  /** Bits per second that pass a link. @default no limit */
  readonly bandwidth?: number | undefined;
  /** Two hosts with the same seed treat the same packets of the same flow alike: a number of 32 bits. */
  readonly seed: number;
}

/** What is done to packets that reach a host or leave it, and how it is found out what does. */
export interface HostPackets {
  /** The host's addresses, other than those by which it reaches itself, IPv4 before IPv6, those of a single link too. */
  addresses(options?: CallOptions): Promise<string[]>;
  /**
   * Drops packets, until it is disposed of or the host is gone. Needs Linux and NET_ADMIN; otherwise it
   * rejects with `Deno.errors.NotSupported`, which says what is missing, and nothing is dropped.
   */
  drop(rules: readonly PacketRule[], options?: PacketOptions): Promise<PacketHold>;
  /**
   * Delays packets, or loses some of them, until it is disposed of or the host is gone. Needs what `drop`
   * needs, and queues of packets; otherwise it rejects in the same way, and nothing is changed.
   */
  shape(
    rules: readonly PacketRule[],
    shaping: PacketShaping,
    options?: PacketOptions,
  ): Promise<PacketShape>;
  /** Counts packets that pass all that drops and shapes them, in the same way. */
  count(rules: readonly PacketRule[], options?: CallOptions): Promise<PacketHold>;
  /** Remembers probes that pass all that drops and shapes packets, in the same way. */
  watch(rules: readonly PacketRule[], options?: CallOptions): Promise<PacketWatch>;
  /** What the kernel of the host lacks of what can be done to packets. No packet is concerned by that. */
  missingParts(options?: CallOptions): Promise<MissingPart[]>;
  /** Takes probes, at all addresses. */
  receiveProbes(options?: CallOptions): Promise<ProbeReceiver>;
  /** Sends probes: datagrams of UDP. Resolves when they were sent, whether or not they arrive. */
  sendProbes(target: ProbeTarget, options?: CallOptions): Promise<void>;
  /**
   * Sends probes that are to be answered, each from a port of its own, and resolves to the milliseconds
   * after which each answer has come that came.
   */
  timeProbes(target: TimedProbes, options?: CallOptions): Promise<number[]>;
}

/** What a kernel, or a process, lacks. */
export interface MissingPart {
  /**
   * What is missing: the privilege to change anything, tables of rules, their owners, rules that lead to a
   * queue, queues that a process can read, or rules that copy packets.
   */
  readonly part: "privilege" | "tables" | "owners" | "queueTarget" | "queues" | "copies";
  /** A clause. */
  readonly reason: string;
  /** A sentence without a full stop, which names the command that loads what is missing, if one does. */
  readonly remedy: string;
}

/** How something is done to packets. */
export interface PacketOptions extends CallOptions {
  /**
   * A port of TCP of the host's own, where its agent is reached: what comes there and what is answered from
   * there passes, whatever the rules say. @default none
   */
  readonly sparedPort?: number | undefined;
}

/** Packets to which something is done, until it is disposed of. */
export interface PacketHold extends AsyncDisposable {
  /** How many it were until now, for each of the rules. */
  counts(): Promise<number[]>;
  /** Resolves, once, to why it has ended without being disposed of: with its host, say. */
  readonly lost: Promise<Error>;
}

/** Packets that are shaped. Disposing lets them pass, and those at once that wait. */
export interface PacketShape extends PacketHold {
  /** Shapes what these rules concern as well, and no more what those of an earlier call did: probes, say. */
  include(rules: readonly PacketRule[]): Promise<void>;
}

/** Remembers probes until it is disposed of. */
export interface PacketWatch extends AsyncDisposable {
  /**
   * The numbers of those that have passed, in that order; -1 for one that is not as it was sent, or has no
   * number.
   */
  seen(): Promise<number[]>;
}

/** Takes probes until it is disposed of. */
export interface ProbeReceiver extends AsyncDisposable {
  /** The port of UDP where it does, on each address. */
  readonly port: number;
  /** How many have come until now that have this mark. */
  received(mark: string): Promise<number>;
}

/** Where probes are sent. */
export interface ProbeTarget {
  /** An address. */
  readonly hostname: string;
  /** Of UDP. */
  readonly port: number;
  /** Tells them from others: up to 64 letters and digits. */
  readonly mark: string;
  /** How many. */
  readonly count: number;
  /** Bytes of each. @default those of the mark */
  readonly size?: number | undefined;
  /** How many in a second. @default as many as can be sent */
  readonly rate?: number | undefined;
  /** Whether each says which of them it is, behind the mark: the first is number 0. @default false */
  readonly areNumbered?: boolean | undefined;
}

/** Probes that are answered. */
export interface TimedProbes extends Pick<ProbeTarget, "hostname" | "port" | "count"> {
  /** Milliseconds between two of them. */
  readonly interval: number;
  /** Milliseconds after which an answer is not waited for any more. */
  readonly patience: number;
}
