/** Protocols that probes are sent over. `"icmp"` is that of IPv6 as well. */
export type ProbeProtocol = "tcp" | "udp" | "icmp";

/** What was checked of one network link. */
export interface FaultCheck {
  /** The name of the node that sent probes, or `"outside"`. */
  readonly from: string;
  /** The name of the node that they were sent to, or `"outside"`. */
  readonly to: string;
  /** The address that they were sent to. */
  readonly address: string;
  /** How they were sent. */
  readonly protocol: ProbeProtocol;
  /**
   * Whether they were not to arrive, or were to, as on a link that the fault does not concern, or were to
   * be among the packets that it shapes.
   */
  readonly expected: "dropped" | "arrived" | "shaped";
  /** How many were sent. */
  readonly sent: number;
  /** How many have arrived; of TCP, how many connections were accepted or refused. */
  readonly arrived: number;
  /** How many packets of this link faults have dropped meanwhile, or shaped if that was expected. */
  readonly dropped: number;
}

/** What was measured of one network link. */
export interface FaultMeasurement {
  /** The name of the node that sent probes, or `"outside"`. */
  readonly from: string;
  /** The name of the node that they were sent to, or `"outside"`. */
  readonly to: string;
  /** The address that they were sent to. */
  readonly address: string;
  /**
   * Milliseconds of a round trip, median; by how many they differ, both ways; how many more of them, as a
   * share, were short than are to be (`"distribution"`); which share was lost; how that of one depends on
   * the one before it (`"correlation"`); which share came twice, ahead of others, or changed; bits per second.
   */
  readonly quantity:
    | "latency"
    | "jitter"
    | "distribution"
    | "loss"
    | "correlation"
    | "duplicate"
    | "reorder"
    | "corrupt"
    | "bandwidth";
  /** What faults are to do to this link, all of them, and for a round trip to the way back. */
  readonly asked: number;
  /** What probes have shown. */
  readonly measured: number;
  /** Between which values it counts as shown: what probes of this number can tell. */
  readonly accepted: readonly [lowest: number, highest: number];
  /** How many probes were sent. */
  readonly probes: number;
}

/** What was checked of one node's share of its machine. */
export interface MachineCheck {
  /** The name of the node. */
  readonly node: string;
  /**
   * What was measured, as seen from within the node: how many processors' time it got while a probe kept
   * more of them busy (`"cpu"`), how often a limit has stopped it meanwhile (`"throttled"`), how many
   * processors or bytes its control group lets it have (`"cpu-limit"`, `"memory-limit"`: where there is no
   * limit, all that the machine has), how many bytes could be written until the disk was full
   * (`"written"`), and how many bytes of it are free (`"free"`).
   */
  readonly quantity: "cpu" | "throttled" | "cpu-limit" | "memory-limit" | "written" | "free";
  /** `null` if the node does not tell, or, of `"written"`, if the disk was not full. */
  readonly measured: number | null;
  /** What it was to be at least. */
  readonly atLeast: number;
  /** What it was to be at most; `null` is anything. */
  readonly atMost: number | null;
}

/** A way that a node has to another one by itself, which a fault of what the test relays does not concern. */
export interface OpenWay {
  /** The name of the node that connects. */
  readonly from: string;
  /** The name of the node that it reaches. */
  readonly to: string;
  /** The address at which it does. */
  readonly address: string;
}

/** What probes have shown of a fault. */
export interface FaultProof {
  /** One by one. */
  readonly checks: readonly FaultCheck[];
  /** Of a fault that shapes packets: what was asked and measured, one by one. */
  readonly measurements?: readonly FaultMeasurement[] | undefined;
  /** Of a fault that gives nodes less of their machines, what was measured there, one by one. */
  readonly machines?: readonly MachineCheck[] | undefined;
  /** Ways beside links that the test relays, one by one: the links are cut, and these are not. */
  readonly open?: readonly OpenWay[] | undefined;
  /** How many network links the fault concerns: each is what packets pass from one node to another. */
  readonly links: number;
  /** How many of them were checked: all, or of many a sample. */
  readonly checkedLinks: number;
  /** Milliseconds that it took. */
  readonly elapsed: number;
}

/** About a fault that a test makes. */
export interface FaultEvent {
  /** Unique in its cluster. */
  readonly fault: string;
  /** What is done, as errors name it: `partition node1 from node2, node3`. */
  readonly action: string;
  /** What was shown; `undefined` if the test asked for no proof. */
  readonly proof?: FaultProof | undefined;
}
