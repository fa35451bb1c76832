/** Protocols that probes are sent over. `"icmp"` is that of IPv6 as well. */
export type ProbeProtocol = "tcp" | "udp" | "icmp";

/** What was checked of one link. */
export interface FaultCheck {
  /** The name of the node that sent probes, or `"outside"`. */
  readonly from: string;
  /** The name of the node that they were sent to, or `"outside"`. */
  readonly to: string;
  /** The address that they were sent to. */
  readonly address: string;
  /** How they were sent. */
  readonly protocol: ProbeProtocol;
  /** Whether they were not to arrive, or were to, as on a link that the fault does not concern. */
  readonly expected: "dropped" | "arrived";
  /** How many were sent. */
  readonly sent: number;
  /** How many have arrived; of TCP, how many connections were accepted or refused. */
  readonly arrived: number;
  /** How many packets of this link faults have dropped meanwhile. */
  readonly dropped: number;
}

/** What probes have shown of a fault. */
export interface FaultProof {
  /** One by one. */
  readonly checks: readonly FaultCheck[];
  /** How many links the fault concerns: ways from one node to another. */
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
